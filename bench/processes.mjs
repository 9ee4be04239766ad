// What processes cost, as Linux counts it.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function read(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid: Number(pid), name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')), parent: Number(fields[1]), ticks: fields.slice(11, 15).map(Number) };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** A process and all that descend from it. */
export function family(root) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(read).filter(Boolean);
  const found = all.filter((one) => one.pid === root);
  for (let i = 0; i < found.length; i++) {
    found.push(...all.filter((one) => one.parent === found[i].pid));
  }

  return found;
}

/** Processor time of a family in milliseconds, that of children which have ended and were waited for included. */
export const cpu = (root) => family(root).reduce((sum, one) => sum + one.ticks.reduce((a, b) => a + b), 0) * 1000 / ticksPerSecond;

/** Proportional set size of a family in MiB, by name of program. */
export function memory(root) {
  const sizes = {};
  for (const { pid, name } of family(root)) {
    const [, kib] = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
    const kind = /^(postgres|dotnet|node|beam)/.exec(name)?.[0] ?? 'others';
    sizes[kind] = (sizes[kind] ?? 0) + kib / 1024;
  }

  return sizes;
}

/** Keeps this process, and what it starts, on a processor. */
export const stayOn = (core) => execFileSync('taskset', ['-acp', String(core), String(process.pid)], { stdio: 'ignore' });
