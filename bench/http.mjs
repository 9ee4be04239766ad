// Compares a fresh registry and a fresh Verdaccio on loopback, row by row, in alternating turns: throughput, p99, and processor time of all server
// processes per request. Every answer is compared with what the server answered first, by length and SHA-256, and that one with what was
// published. Usage: ./registry bench http [--rounds 5] [--quick] [--rows REGEX] [--factor 1]
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { Connection, load, quantile, request } from './load.mjs';
import { dist, fileOf, publishBody, version } from './packages.mjs';
import { cpu, memory, stayOn } from './processes.mjs';
import { addVersions, indexed, startRegistry, startVerdaccio } from './servers.mjs';
import { median, options, say } from './tools.mjs';

const isQuick = options.quick === true;
const rounds = Number(options.rounds ?? (isQuick ? 3 : 5));
const factor = Number(options.factor ?? (isQuick ? 0.2 : 1)); // of the numbers of requests below
const wanted = new RegExp(options.rows === true ? '' : options.rows ?? '', 'i');
const small = isQuick ? 100 : 500; // packages to search among
const many = 1000; // versions
const found = 12; // of the small packages hold the word that is searched
const abbreviated = { Accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*', 'Accept-Encoding': 'gzip' };
const full = { Accept: 'application/json', 'Accept-Encoding': 'gzip' };
const cores = { servers: '0', generator: '1' };

const parsed = (body) => JSON.parse(body[0] === 0x1f ? gunzipSync(body) : body);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const refuse = (what) => { throw new Error(what); };
const expect = (holds, what) => holds || refuse(what);

// ---- What is published, the same in every run

const packages = Array.from({ length: small }, (_, i) =>
  version(`bench-small-${i}`, '1.0.0', { seed: i + 1, description: i % Math.floor(small / found) === 0 && i / Math.floor(small / found) < found ? 'Sails before the zephyr' : 'A package that is only measured' }));
const versions = Array.from({ length: many }, (_, i) => version('bench-thousand', `1.${Math.floor(i / 50)}.${i % 50}`, { seed: 10_000 + i }));
const large = version('bench-large', '1.0.0', { seed: 7, bytes: 20 << 20 });

let ends = ''; // why it gives up as soon as it can
const limit = setTimeout(() => { ends = 'This takes too long: given up after an hour.'; }, 3_600_000);
['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, () => { ends = 'Interrupted.'; }));
const goOn = () => expect(!ends, ends);

async function once(server, bytes) {
  const connection = new Connection(server.port);
  try {
    return await connection.send(bytes);
  } finally {
    connection.close();
  }
}

const put = (server, one) => request(server, 'PUT', `/${one.name}`, { Authorization: `Bearer ${server.token}`, 'npm-command': 'publish' }, publishBody(one, server.url));

function isPublished(answer) {
  goOn();
  expect(answer.status === 201 || answer.status === 200, `a publish is answered ${answer.status}: ${answer.body}`);
}

const publish = (server, all, connections) =>
  load({ port: server.port, count: all.length, connections, make: (i) => put(server, all[i]), check: isPublished });

async function fill(registry, verdaccio) {
  for (const server of [registry, verdaccio]) {
    await publish(server, packages, 4);
    await publish(server, [versions[0], large], 1);
  }

  await publish(registry, versions.slice(1), 1);
  addVersions(verdaccio, versions.slice(1, -1));
  await publish(verdaccio, versions.slice(-1), 1);
}

// ---- Rows: what is asked, how often of each of the two, and what the first answer has to be

/** A row whose requests are all the same, and so are their answers. */
const same = (row) => ({
  ...row,
  async prepare(server) {
    const bytes = await row.request(server);
    const first = await once(server, bytes);
    row.examine(first, server);
    const stable = row.stable ?? ((body) => body);
    const [length, digest] = [stable(first.body).length, sha256(stable(first.body))];
    return {
      make: () => bytes,
      check({ status, body }) {
        const content = stable(body);
        expect(status === first.status && content.length === length && sha256(content) === digest,
          `${server.name}, ${row.name}: an answer is not the first one again (${status}, ${body.length} bytes)`);
      },
    };
  },
});

const packument = (name, target, headers, published, counts, ratio) => same({
  name, ratio, counts, connections: 8,
  request: (server) => request(server, 'GET', `/${target}`, headers),
  examine({ status, headers: said, body }, server) {
    expect(status === 200 && /\r\ncontent-encoding: gzip/i.test(said), `${server.name} answers ${status} without gzip`);
    const document = parsed(body);
    expect(Object.keys(document.versions).length >= published.length, `${server.name}: versions are missing`);
    published.forEach((one) => {
      const { integrity, shasum, tarball } = document.versions[one.number].dist;
      const wants = dist(one, server.url);
      expect(integrity === wants.integrity && shasum === wants.shasum && tarball === wants.tarball, `${server.name}: another dist for ${one.number}`);
    });
  },
});

const notModified = (name, target, headers, counts, ratio) => same({
  name, ratio, counts, connections: 8,
  async request(server) {
    const [, etag] = /\r\netag: ([^\r]+)/i.exec((await once(server, request(server, 'GET', `/${target}`, headers))).headers);
    return request(server, 'GET', `/${target}`, { ...headers, 'If-None-Match': etag });
  },
  examine: ({ status, body }, server) => expect(status === 304 && body.length === 0, `${server.name} answers ${status}`),
});

const tarball = (name, one, counts, connections, ratio) => same({
  name, ratio, counts, connections,
  request: (server) => request(server, 'GET', `/${one.name}/-/${fileOf(one)}`),
  examine: ({ status, body }, server) => expect(status === 200 && body.equals(one.tarball), `${server.name} answers ${status} with other bytes`),
});

const search = same({
  name: `search, ${found} of ${small} packages`, ratio: 50, counts: { registry: 1000, verdaccio: 20 }, connections: 4,
  request: (server) => request(server, 'GET', '/-/v1/search?text=zephyr&size=20', { 'Accept-Encoding': 'gzip' }),
  stable: (body) => JSON.stringify(parsed(body).objects.toSorted((one, other) => (one.package.name < other.package.name ? -1 : 1))), // Verdaccio's come in any order
  examine({ status, body }, server) {
    const names = parsed(body).objects.map((one) => one.package.name).sort();
    const wants = packages.filter((one) => one.manifest.description.includes('zephyr')).map((one) => one.name).sort();
    expect(status === 200 && names.join() === wants.join(), `${server.name} answers ${status} and finds ${names}`);
  },
});

let published = 0;

/** A row of publishes: each is another one, and is fetched afterwards and compared. */
const publishing = (name, counts, connections, ratio, next) => ({
  name, ratio, counts, connections, settles: 1000,
  prepare(server) {
    let made;
    let requests;
    return {
      before(count) {
        made = Array.from({ length: count }, () => next(++published));
        requests = made.map((one) => put(server, one));
      },
      make: (i) => requests[i],
      check: isPublished,
      async after() {
        for (const one of made) {
          const { status, body } = await once(server, request(server, 'GET', `/${one.name}/-/${fileOf(one)}`));
          expect(status === 200 && body.equals(one.tarball), `${server.name}: ${one.name}@${one.number} cannot be fetched (${status})`);
        }
      },
    };
  },
});

const rows = [
  search,
  packument('packument, 1 version, abbreviated', packages[1].name, abbreviated, [packages[1]], { registry: 50000, verdaccio: 2000 }, 20),
  packument('packument, 1 version, full', packages[1].name, full, [packages[1]], { registry: 50000, verdaccio: 2000 }, 20),
  packument('packument, 1,000 versions, abbreviated', 'bench-thousand', abbreviated, versions, { registry: 5000, verdaccio: 20 }, 200),
  packument('packument, 1,000 versions, full', 'bench-thousand', full, versions, { registry: 5000, verdaccio: 20 }, 200),
  notModified('304 for 1,000 versions, abbreviated', 'bench-thousand', abbreviated, { registry: 20000, verdaccio: 20 }, 200),
  notModified('304 for 1,000 versions, full', 'bench-thousand', full, { registry: 20000, verdaccio: 20 }, 200),
  tarball('tarball of 2 KB', packages[1], { registry: 50000, verdaccio: 2000 }, 8, 15),
  tarball('tarball of 20 MB', large, { registry: 40, verdaccio: 40 }, 2, 3),
  publishing('publish a new package', { registry: 1500, verdaccio: 1500 }, 4, 1, (n) => version(`bench-new-${n}`, '1.0.0', { seed: 50_000 + n })),
  publishing('publish one more into 1,000 versions', { registry: 100, verdaccio: 20 }, 1, 10, (n) => version('bench-thousand', `2.0.${n}`, { seed: 90_000 + n })),
];

// ---- Measuring

/** One turn: a number of requests, and what they cost. */
async function turn(server, row, { before, make, check, after }, count) {
  goOn();
  before?.(count);
  await pause(200);
  const began = cpu(server.pid);
  const { took, latencies } = await load({ port: server.port, count, connections: row.connections, make, check });
  await pause(row.settles ?? 0); // what a write still causes belongs to it
  const spent = cpu(server.pid) - began;
  await after?.();
  return { cpu: spent / count, rate: count / took * 1000, p99: quantile(latencies, 0.99) };
}

async function measure(row, servers) {
  const sides = {};
  for (const who of Object.keys(servers)) {
    sides[who] = { count: Math.max(5, Math.round(row.counts[who] * factor)), turns: [], plan: await row.prepare(servers[who]) };
    await turn(servers[who], row, sides[who].plan, sides[who].count); // warms up
  }

  for (let round = 0; round < rounds; round++) {
    for (const who of round % 2 === 0 ? ['registry', 'verdaccio'] : ['verdaccio', 'registry']) {
      sides[who].turns.push(await turn(servers[who], row, sides[who].plan, sides[who].count));
    }
  }

  const value = (who, name) => median(sides[who].turns.map((one) => one[name]));
  const result = {
    row, counts: [sides.registry.count, sides.verdaccio.count], ours: value('registry', 'cpu'), theirs: value('verdaccio', 'cpu'),
    cpu: value('verdaccio', 'cpu') / value('registry', 'cpu'), rate: value('registry', 'rate') / value('verdaccio', 'rate'), p99: value('verdaccio', 'p99') / value('registry', 'p99'),
  };
  say(`${row.name}: ${format(result.cpu)}× (${format(result.ours)} ms beside ${format(result.theirs)} ms of processor time), `
    + `throughput ${format(result.rate)}×, p99 ${format(result.p99)}×; turns ${sides.registry.turns.map((one) => format(one.cpu)).join(' ')} | ${sides.verdaccio.turns.map((one) => format(one.cpu)).join(' ')}`);
  return result;
}

const format = (number) => number >= 100 ? number.toFixed(0) : number >= 1 ? number.toFixed(1) : number.toPrecision(2);

function sum(sizes) {
  const total = Object.values(sizes).reduce((a, b) => a + b, 0);
  return `${total.toFixed(0)} MiB (${Object.entries(sizes).map(([name, size]) => `${name} ${size.toFixed(0)}`).join(', ')})`;
}

/** What the registry costs while nobody asks for anything. */
async function rest({ pid }) {
  await pause(isQuick ? 5_000 : 20_000); // what was begun comes to its end
  const began = cpu(pid);
  await pause(10_000);
  return { processor: Math.round((cpu(pid) - began) / 10), memory: sum(memory(pid)) };
}

function print(results, [fresh, used], names) {
  console.log(`\n${names.join(' and ')}, node ${process.versions.node} for Verdaccio and the generator; ${os.cpus()[0].model}, ${os.cpus().length} processors: servers on one, generator on another.`);
  console.log(`Median of ${rounds} alternating turns after one to warm up. Requests a turn: registry, Verdaccio. The package of ${many} versions was published here version by`);
  console.log('version; in Verdaccio its first and last were published, those between written into its file as it writes them itself.\n');
  console.log('| request | requests a turn | connections | processor time per request | throughput | p99 | wanted | reached |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const { row, counts, ...ratios } of results) {
    const cells = [row.name, counts.join(', '), row.connections, `${format(ratios.cpu)}×`, `${format(ratios.rate)}×`, `${format(ratios.p99)}×`, `≥ ${row.ratio}×`, ratios.cpu >= row.ratio ? 'yes' : 'NO'];
    console.log(`| ${cells.join(' | ')} |`);
  }

  console.log(`\nIdle (services, PostgreSQL and RabbitMQ together; memory as PSS, wanted ≤ 450 MiB): fresh ${fresh.memory} and ${fresh.processor} ms of processor time a second,`);
  console.log(`after all of the above ${used.memory} and ${used.processor} ms.`);
  console.log('\nWhole installations through both are compared by ./registry bench install.');
}

if (!existsSync('/proc/self/smaps_rollup') || os.cpus().length < 2) {
  refuse('This needs Linux and two processors: one for the servers, one for the generator.');
}

const servers = {};
const results = [];
try {
  stayOn(cores.generator);
  servers.registry = await startRegistry(cores.servers);
  goOn();
  const idle = await rest(servers.registry);
  say(`Idle: ${idle.processor} ms of processor time a second, ${idle.memory}`);
  goOn();
  servers.verdaccio = await startVerdaccio(cores.servers);
  say('Filling both …');
  await fill(servers.registry, servers.verdaccio);
  await indexed(servers.registry, 'zephyr', found);
  for (const row of rows.filter(({ name }) => wanted.test(name))) {
    results.push(await measure(row, servers));
  }

  print(results, [idle, await rest(servers.registry)], Object.values(servers).map(({ name }) => name));
} finally {
  clearTimeout(limit);
  for (const server of Object.values(servers)) {
    await server.stop();
  }
}
