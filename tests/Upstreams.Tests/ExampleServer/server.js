// The smallest server of pantry's REST convention, as its documentation shows it (M48): its routes, in its order, over a real tarball.
// Usage: node server.js TARBALL; prints the port it listens on.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const express = require('express');

const tarball = path.resolve(process.argv[2]);
const checksum = `sha256:${createHash('sha256').update(readFileSync(tarball)).digest('hex')}`;
const describe = (request, version) => ({
  name: request.params.name,
  version,
  description: 'Example package',
  tarballUrl: `http://${request.headers.host}/packages/${request.params.name}/${version}/tarball`,
  checksum,
});

const app = express();
app.get('/packages/:name', (request, response) => response.json(describe(request, '1.0.0')));
app.get('/packages/:name/:version', (request, response) => response.json(describe(request, request.params.version)));
app.get('/packages/:name/:version/tarball', (request, response) => response.sendFile(tarball));
app.get('/packages/:name/versions', (request, response) => response.json({ versions: ['1.0.0', '1.0.1', '1.1.0'] }));
app.get('/search', (request, response) => response.json({
  results: [
    { name: 'package1', version: '1.0.0', description: 'Package 1' },
    { name: 'package2', version: '2.0.0', description: 'Package 2' },
  ],
}));
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
