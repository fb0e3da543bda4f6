import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Where the kernel tells; another place in tests. */
const ROOT_DIR = '/';

/**
 * Memory that this process and its engines may still take: what the machine has, or less where a control group (of
 * a container, a systemd unit) sets a limit of its own. Page cache counts as free: the kernel gives it back.
 * @returns bytes; null where the kernel does not tell
 */
export async function readFreeMemory(rootDir = ROOT_DIR): Promise<number | null> {
  const found = [
    await readMachine(rootDir),
    ...(await Promise.all((await findGroups(rootDir)).map(readGroup))),
  ].filter((bytes) => bytes !== null);
  return found.length === 0 ? null : Math.max(0, Math.min(...found));
}

async function readMachine(rootDir: string): Promise<number | null> {
  const text = await read(path.join(rootDir, 'proc/meminfo'));
  const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(text) ?? [];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** One control group, in the words of its version. */
interface Group {
  readonly dir: string;
  readonly limitFile: string;
  readonly usageFile: string;
  readonly cacheField: RegExp;
}

/** The group of this process and those around it: each may have a limit, and the tightest counts. */
async function findGroups(rootDir: string): Promise<Group[]> {
  const groups: Group[] = [];
  for (const line of (await read(path.join(rootDir, 'proc/self/cgroup'))).split('\n')) {
    const [, controllers = '', name] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const isFirstVersion = controllers.split(',').includes('memory');
    if (controllers !== '' && !isFirstVersion) continue;
    const base = path.join(rootDir, isFirstVersion ? 'sys/fs/cgroup/memory' : 'sys/fs/cgroup');
    for (let at = name; ; at = path.dirname(at)) {
      groups.push({ dir: path.join(base, at), ...(isFirstVersion ? FIRST_VERSION : SECOND_VERSION) });
      if (at === '/') break;
    }
  }
  return groups;
}

const FIRST_VERSION = {
  limitFile: 'memory.limit_in_bytes',
  usageFile: 'memory.usage_in_bytes',
  cacheField: /^total_inactive_file (\d+)$/m,
};
const SECOND_VERSION = {
  limitFile: 'memory.max',
  usageFile: 'memory.current',
  cacheField: /^inactive_file (\d+)$/m,
};

async function readGroup({ dir, limitFile, usageFile, cacheField }: Group): Promise<number | null> {
  const readOwn = (name: string): Promise<string> => read(path.join(dir, name));
  const [limit, usage, stat] = await Promise.all([
    readOwn(limitFile),
    readOwn(usageFile),
    readOwn('memory.stat'),
  ]);
  // No limit is "max" in the second version, and a number beyond all memory in the first.
  if (!/^\d+\s*$/.test(limit) || !/^\d+\s*$/.test(usage)) return null;
  const cached = Number(cacheField.exec(stat)?.[1] ?? 0);
  return Number(limit) - Math.max(0, Number(usage) - cached);
}

/** A file that does not exist, or may not be read, sets no limit. */
function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
