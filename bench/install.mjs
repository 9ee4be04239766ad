// Installs one project through a fresh registry and a fresh Verdaccio, cold and then warm several times, and directly, in turns, with each
// package manager. Everything installed is compared file by file. Each goes out through an HTTP proxy on loopback, which is cut before the
// warm installs: what is warm needs nobody. Usage: ./registry bench install [--rounds 3] [--warm 3] [--clients npm,pnpm,yarn,bun]
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { answers, json, median, options, root, say, signIn, tool } from './tools.mjs';

// Installed into memory where there is such a folder: what is compared are servers, and not when a disk gets round to writing.
const work = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'registry-bench-'));
const rounds = Number(options.rounds ?? 3);
const warms = Number(options.warm ?? 3);
const clients = (options.clients ?? 'npm,pnpm,yarn,bun').split(',');
const ports = { registry: 26080, verdaccio: 26180, exits: { registry: 26190, verdaccio: 26191 } };
const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const project = JSON.parse(readFileSync(path.join(import.meta.dirname, 'project.json'), 'utf8'));

// The way out lives in this process, which therefore never waits for a child without letting go.
const run = promisify(execFile);
const interrupted = new AbortController();
['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, () => interrupted.abort())); // the servers are stopped then
const seconds = (since) => Math.round((performance.now() - since) / 10) / 100;

/** The way out of one of them: counts who wants to go, and lets nobody through once it is cut. */
class Exit {
  constructor() {
    this.isCut = false;
    this.attempts = 0;
    this.sockets = new Set();
    this.server = http.createServer((_, answer) => answer.writeHead(405).end());
    this.server.on('connect', (request, client) => this.connect(request, client));
  }

  connect(request, client) {
    this.attempts++;
    client.on('error', () => client.destroy());
    if (this.isCut) {
      client.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
      return;
    }

    const [host, port] = request.url.split(':');
    const server = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => { client.destroy(); server.destroy(); });
      socket.on('close', () => this.sockets.delete(socket));
    }
  }

  cut(isCut) {
    this.isCut = isCut;
    this.attempts = 0;
    if (isCut) {
      this.sockets.forEach((socket) => socket.destroy());
    }
  }
}

const programs = { npm: () => 'npm', pnpm: () => tool('pnpm', '9'), yarn: () => tool('yarn', '1'), bun: () => tool('bun', '1') };
const quiet = {
  npm: ['install', '--ignore-scripts', '--no-audit', '--no-fund'],
  pnpm: ['install', '--ignore-scripts', '--no-frozen-lockfile'],
  yarn: ['install', '--ignore-scripts', '--non-interactive', '--no-progress', '--ignore-engines'],
  bun: ['install', '--ignore-scripts', '--no-progress'],
};

/** Installs with empty caches; tells how long it took and what is there then. */
async function install(client, registry) {
  const home = mkdtempSync(path.join(work, `${client}-`));
  const folder = path.join(home, 'project');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(project));
  const env = {
    PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), XDG_DATA_HOME: path.join(home, 'data'),
    npm_config_registry: registry, npm_config_cache: path.join(home, 'npm-cache'), npm_config_update_notifier: 'false',
    YARN_CACHE_FOLDER: path.join(home, 'yarn-cache'), BUN_INSTALL_CACHE_DIR: path.join(home, 'bun-cache'), CI: 'true',
  };
  const begun = performance.now();
  await run(programs[client](), quiet[client], { cwd: folder, env, timeout: 300_000, maxBuffer: 1 << 26, signal: interrupted.signal });
  const took = seconds(begun);
  const tree = digest(path.join(folder, 'node_modules'));
  rmSync(home, { recursive: true, force: true });
  return { took, ...tree };
}

const notes = /^(\.package-lock\.json|\.modules\.yaml|\.yarn-integrity|\.pnpm-workspace-state.*|lock\.yaml)$/;

/** A digest of every file's path and content, but of what a client notes for itself; where it lies does not count, which pnpm writes into its shims. */
function digest(folder) {
  const hash = createHash('sha256');
  const packages = new Set();
  const walk = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) {
        walk(file);
      } else if (entry.isFile() && !notes.test(entry.name)) {
        const bytes = readFileSync(file);
        hash.update(path.relative(folder, file)).update(path.basename(at) === '.bin' ? bytes.toString().replaceAll(folder, '') : bytes);
        if (/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file)) {
          packages.add(file);
        }
      }
    }
  };
  walk(folder);
  return { digest: hash.digest('hex'), packages: packages.size };
}

/** A fresh registry. */
async function startRegistry() {
  const data = mkdtempSync(path.join('/var/tmp', 'registry-bench-data-'));
  execFileSync('chmod', ['755', data]);
  const entry = { name: 'npm', type: 'npm', url: upstream, priority: 20, proxy: `http://127.0.0.1:${ports.exits.registry}` };
  writeFileSync(path.join(data, 'pantry.json'), JSON.stringify({ registries: [entry] }));
  const registry = (...words) => run(path.join(root, 'registry'), [...words, '--data', data]);
  await registry('up', '--background', '--port', String(ports.registry));
  const url = `http://127.0.0.1:${ports.registry + 1}/`;
  const health = `http://127.0.0.1:${ports.registry}/api/v1/upstreams/npm/health`;
  const token = await signIn(url, 'bench', randomUUID());
  return {
    url,
    // How often it asked its upstream because somebody wanted something: not the pings with which it sees whether the upstream is there.
    asked: async () => {
      const { answers, failures, pings } = await json(health, { headers: { authorization: `Bearer ${token}` } });
      return answers + failures - pings;
    },
    stop: async () => { await registry('stop'); rmSync(data, { recursive: true, force: true }); },
  };
}

/** A fresh Verdaccio with its defaults: packuments and tarballs kept, two minutes before it asks again. */
async function startVerdaccio() {
  const data = mkdtempSync(path.join('/var/tmp', 'registry-bench-verdaccio-'));
  const proxy = `http://127.0.0.1:${ports.exits.verdaccio}`;
  const config = {
    storage: path.join(data, 'storage'), uplinks: { npm: { url: upstream, https_proxy: proxy, http_proxy: proxy } },
    packages: { '@*/*': { access: '$all', proxy: 'npm' }, '**': { access: '$all', proxy: 'npm' } },
    log: { type: 'stdout', format: 'pretty', level: 'error' }, auth: { htpasswd: { file: path.join(data, 'htpasswd') } },
  };
  writeFileSync(path.join(data, 'config.yaml'), JSON.stringify(config));
  const server = spawn(tool('verdaccio', '6'), ['--config', path.join(data, 'config.yaml'), '--listen', `127.0.0.1:${ports.verdaccio}`], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${ports.verdaccio}/`;
  await answers(`${url}-/ping`);
  return {
    url,
    stop: () => new Promise((resolve) => { server.once('exit', () => { rmSync(data, { recursive: true, force: true }); resolve(); }); server.kill(); }),
  };
}

const names = ['registry', 'verdaccio'];
const starts = { registry: startRegistry, verdaccio: startVerdaccio };

/** One round: directly, cold through each, then warm through each in turns with the way out cut. Both run all the time. */
async function measure(client, round, exits) {
  const turns = round % 2 === 0 ? names : names.toReversed();
  const servers = {};
  const found = { direct: await install(client, upstream) };
  try {
    for (const who of turns) {
      servers[who] = await starts[who]();
      await fetch(`${servers[who].url}is-odd`).then((answer) => answer.text()); // both have run their code once
      found[who] = { warm: [] };
    }

    for (const who of turns) {
      found[who].cold = await install(client, servers[who].url);
    }

    const asked = await servers.registry.asked();
    names.forEach((who) => exits[who].cut(true));
    for (let i = 0; i < warms; i++) {
      for (const who of turns) {
        found[who].warm.push(await install(client, servers[who].url));
      }
    }

    names.forEach((who) => { found[who].attempts = exits[who].attempts; });
    found.registry.asked = await servers.registry.asked() - asked;
    return found;
  } finally {
    names.forEach((who) => exits[who].cut(false));
    for (const server of Object.values(servers)) {
      await server.stop();
    }
  }
}

const exits = Object.fromEntries(names.map((who) => [who, new Exit()]));
for (const who of names) {
  await new Promise((resolve) => exits[who].server.listen(ports.exits[who], '127.0.0.1', resolve));
}

const rows = [];
try {
  for (const client of clients) {
    programs[client]();
    const times = { direct: [], registry: { cold: [], warm: [] }, verdaccio: { cold: [], warm: [] } };
    const same = { registry: true, verdaccio: true };
    for (let round = 0; round < rounds; round++) {
      const found = await measure(client, round, exits);
      times.direct.push(found.direct.took);
      for (const who of names) {
        const { cold, warm, attempts, asked } = found[who];
        times[who].cold.push(cold.took);
        times[who].warm.push(...warm.map((one) => one.took));
        const equal = [cold, ...warm].every((one) => one.digest === found.direct.digest);
        same[who] &&= equal;
        say(`${client} ${who}: cold ${cold.took} s, warm ${warm.map((one) => one.took).join(', ')} s (direct ${found.direct.took} s), `
          + `${cold.packages} packages, ${equal ? 'the same files' : 'OTHER FILES than directly'}, ${attempts} attempts to get out while warm${asked === undefined ? '' : `, ${asked} of them for an installation and the others pings`}`);
      }
    }

    const [cold, warm] = ['cold', 'warm'].map((kind) => ({ ours: median(times.registry[kind]), theirs: median(times.verdaccio[kind]) }));
    rows.push([client, median(times.direct), cold.ours, cold.theirs, (cold.ours / cold.theirs).toFixed(2), warm.ours, warm.theirs, (warm.ours / warm.theirs).toFixed(2),
      ...names.map((who) => (same[who] ? 'yes' : 'NO'))]);
  }
} finally {
  names.forEach((who) => exits[who].server.close());
  rmSync(work, { recursive: true, force: true });
}

console.log('| client | direct | cold | Verdaccio cold | ratio | warm | Verdaccio warm | ratio | same tree | Verdaccio same tree |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
rows.forEach((row) => console.log(`| ${row.join(' | ')} |`));
process.exit(0);
