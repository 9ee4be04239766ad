// The two servers that are compared, fresh, on one processor.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { dist, fileOf } from './packages.mjs';
import { answers, json, root, signIn, tool } from './tools.mjs';

const run = promisify(execFile);
const ports = { registry: 18380, verdaccio: 18480 }; // below those the registry chooses for its own servers

function freshFolder(name) {
  const folder = mkdtempSync(path.join('/var/tmp', `registry-bench-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

/** The registry as `./registry up` starts it, with PostgreSQL and RabbitMQ of its own, its durability as always. */
export async function startRegistry(core) {
  const data = freshFolder('data');
  const registry = (...words) => run('taskset', ['-c', core, path.join(root, 'registry'), ...words, '--data', data]);
  const stop = async () => { await registry('stop'); rmSync(data, { recursive: true, force: true }); };
  try {
    await registry('up', '--background', '--no-upstreams', '--port', String(ports.registry));
    const { pid, version } = JSON.parse((await registry('status', '--json')).stdout);
    const port = ports.registry + 1;
    const url = `http://127.0.0.1:${port}/`;
    return { name: `this registry ${version}`, pid, port, url, token: await signIn(url, 'bench', randomUUID()), stop };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** Verdaccio with its defaults but for: no log, no upstream, tarballs of any size, and its fastest log-in, which is a signed token. */
export async function startVerdaccio(core) {
  const program = tool('verdaccio', '6');
  const data = freshFolder('verdaccio');
  const storage = path.join(data, 'storage');
  const config = {
    storage, max_body_size: '1000mb', uplinks: {}, packages: { '**': { access: '$all', publish: '$authenticated' } },
    log: { type: 'stdout', format: 'pretty', level: 'silent' }, auth: { htpasswd: { file: path.join(data, 'htpasswd') } },
    security: { api: { jwt: { sign: { expiresIn: '1d' } } } },
  };
  writeFileSync(path.join(data, 'config.yaml'), JSON.stringify(config));
  const server = spawn('taskset', ['-c', core, program, '--config', path.join(data, 'config.yaml'), '--listen', `127.0.0.1:${ports.verdaccio}`], { stdio: 'ignore' });
  const stop = () => new Promise((resolve) => {
    const ended = () => { rmSync(data, { recursive: true, force: true }); resolve(); };
    if (server.exitCode !== null || server.signalCode !== null) { // Ctrl-C reaches it too
      ended();
    } else {
      server.once('exit', ended).kill();
    }
  });
  try {
    const url = `http://127.0.0.1:${ports.verdaccio}/`;
    await answers(`${url}-/ping`);
    const { version } = JSON.parse(readFileSync(path.join(path.dirname(program), '..', 'verdaccio', 'package.json'), 'utf8'));
    return { name: `Verdaccio ${version}`, pid: server.pid, port: ports.verdaccio, url, token: await signIn(url, 'bench', randomUUID()), stop, storage };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/**
 * Puts versions into a package of Verdaccio that has one already, as publishing them would have left its file: publishing a thousand
 * reads and writes the whole file three times for each.
 */
export function addVersions({ storage, url }, versions) {
  const folder = path.join(storage, versions[0].name);
  const file = path.join(folder, 'package.json');
  const document = JSON.parse(readFileSync(file, 'utf8'));
  mkdirSync(folder, { recursive: true });
  for (const one of versions) {
    const { readme, ...manifest } = one.manifest;
    const now = new Date().toISOString();
    document.readme = readme;
    document.versions[one.number] = { ...manifest, dist: dist(one, url), contributors: [] };
    document._attachments[fileOf(one)] = { shasum: dist(one, url).shasum, version: one.number };
    document.time[one.number] = document.time.modified = now;
    document['dist-tags'].latest = one.number;
    writeFileSync(path.join(folder, fileOf(one)), one.tarball);
  }

  writeFileSync(file, JSON.stringify(document, null, '\t'));
}

/** Waits until both find as many packages. */
export async function indexed({ url }, text, count) {
  for (let i = 0; i < 100; i++) {
    if ((await json(`${url}-/v1/search?text=${text}&size=250`)).objects.length === count) {
      return;
    }

    await new Promise((resolve) => setTimeout(resolve, 200));
  }

  throw new Error(`${url} does not find the ${count} packages of ${text}`);
}
