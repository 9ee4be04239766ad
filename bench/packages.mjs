// Packages made from a seed: the same bytes in every run.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const words = 'amber basin cedar delta ember flint grove harbor inlet jetty knoll larch marsh nectar orchid prairie quartz ridge spruce thicket'.split(' ');

/** Numbers below 1 that look random and are the same each time (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function entry(name, content) {
  const header = Buffer.alloc(512);
  const put = (text, at) => header.write(text, at, 'latin1');
  const octal = (number, width) => `${number.toString(8).padStart(width - 1, '0')}\0`;
  put(`package/${name}`, 0);
  put(octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(content.length, 12) + octal(499162500, 12), 100);
  put(`        0`, 148);
  put('ustar\x0000', 257);
  put(`${octal(header.reduce((a, b) => a + b), 7)} `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

function tarballOf(files) {
  const tar = Buffer.concat([...Object.entries(files).flatMap(([name, content]) => entry(name, Buffer.from(content))), Buffer.alloc(1024)]);
  return gzipSync(tar, { level: 6 });
}

function randomBytes(length, seed) {
  const next = numbers(seed);
  const bytes = Buffer.alloc(length);
  for (let i = 0; i + 4 <= length; i += 4) {
    bytes.writeUInt32LE(Math.floor(next() * 4294967296), i);
  }

  return bytes;
}

/** A package's version with its tarball: a manifest such as libraries have, a readme, and a file of as many random bytes. */
export function version(name, number, { bytes = 1024, description = 'A package that is only measured', seed = 1 } = {}) {
  const next = numbers(seed);
  const pick = () => words[Math.floor(next() * words.length)];
  const ranges = (count) => Object.fromEntries(Array.from({ length: count }, () => [`${pick()}-${pick()}`, `^${Math.floor(next() * 9)}.${Math.floor(next() * 20)}.0`]));
  const manifest = {
    name, version: number, description, main: 'index.js', license: 'MIT', keywords: [pick(), pick(), pick()], author: { name: 'Bench', email: 'bench@example.test' },
    repository: { type: 'git', url: `git+https://example.test/${name}.git` }, homepage: `https://example.test/${name}`, bugs: { url: `https://example.test/${name}/issues` },
    scripts: { test: 'node test.js', build: 'node build.js', lint: 'node lint.js' }, engines: { node: '>=18' }, files: ['index.js'], dependencies: ranges(8), devDependencies: ranges(6),
  };
  const readme = `# ${name}\n\n${Array.from({ length: 100 }, pick).join(' ')}\n`;
  const tarball = tarballOf({ 'package.json': JSON.stringify(manifest, null, 2), 'README.md': readme, 'index.js': randomBytes(bytes, seed) });
  return { name, number, manifest: { ...manifest, readme, readmeFilename: 'README.md', _id: `${name}@${number}`, _nodeVersion: '20.0.0', _npmVersion: '10.0.0' }, tarball };
}

const digest = (algorithm, bytes, encoding) => createHash(algorithm).update(bytes).digest(encoding);

/** The file a version's tarball is called. */
export const fileOf = ({ name, number }) => `${name}-${number}.tgz`;

/** A version's `dist`, at this registry. */
export const dist = (one, url) => ({
  integrity: `sha512-${digest('sha512', one.tarball, 'base64')}`, shasum: digest('sha1', one.tarball, 'hex'), tarball: `${url}${one.name}/-/${fileOf(one)}`,
});

/** What npm sends to publish it. */
export function publishBody(one, url) {
  return Buffer.from(JSON.stringify({
    _id: one.name, name: one.name, description: one.manifest.description, 'dist-tags': { latest: one.number }, access: null,
    versions: { [one.number]: { ...one.manifest, dist: dist(one, url) } },
    _attachments: { [fileOf(one)]: { content_type: 'application/octet-stream', data: one.tarball.toString('base64'), length: one.tarball.length } },
  }));
}
