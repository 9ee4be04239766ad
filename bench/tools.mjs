// What the two benchmarks have in common: programs from npm, waiting for a server, and few words.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
const tools = path.join(root, '.cache', 'bench');

export const say = (line) => process.stderr.write(`${line}\n`);
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** The options of the command line: `--name value`, or `--name` alone, which is true. */
export const options = Object.fromEntries(process.argv.slice(2).flatMap((word, at, all) =>
  (word.startsWith('--') ? [[word.slice(2), all[at + 1]?.startsWith('--') === false ? all[at + 1] : true]] : [])));

/** A program from npm, installed into the cache the first time; `version` may be a range. */
export function tool(name, version) {
  const folder = path.join(tools, `${name}-${version}`);
  const program = path.join(folder, 'node_modules', '.bin', name);
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    // One of Verdaccio's dependencies names another by a dist-tag, which mirrors need not have.
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ dependencies: { [name]: version }, overrides: { 'node-fetch': '2.7.0' } }));
    execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' });
  }

  return program;
}

export async function json(url, request) {
  const answer = await fetch(url, request);
  if (!answer.ok) {
    throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
  }

  return answer.json();
}

/** Waits until a server answers. */
export async function answers(url) {
  for (let i = 0; i < 600; i++) {
    try {
      if ((await fetch(url)).ok) {
        return;
      }
    } catch { /* not yet */ }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  throw new Error(`${url} does not answer`);
}

/** Signs an account up, or in; tells its access token. */
export async function signIn(url, name, password) {
  const body = JSON.stringify({ name, password, type: 'user' });
  return (await json(`${url}-/user/org.couchdb.user:${name}`, { method: 'PUT', body, headers: { 'content-type': 'application/json' } })).token;
}
