import { readdirSync, readFileSync } from 'node:fs';

/** Memory of a process and of all processes that it has started, in bytes. Pages that several share count once. */
export function readTreeBytes(pid: number): number {
  let bytes = 0;
  for (const one of treeOf(pid)) {
    const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${one}/smaps_rollup`)) ?? [];
    bytes += Number(kib ?? 0) * 1024;
  }
  return bytes;
}

function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    // The name of the program, in brackets, may contain blanks.
    const parent = Number(/\) \S (\d+)/.exec(read(`/proc/${name}/stat`))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (const one of found) found.push(...(children.get(one) ?? []));
  return found;
}

/** A process that has just ended uses no memory. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
