import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Shown as the source of our mounts, so that an operator sees where they come from. */
const SOURCE = 'autophon-soak';

/**
 * Mounts a file system in memory.
 * @returns false if we have no right to do so
 */
export function mountMemory(folder: string, size: string): Promise<boolean> {
  return run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, SOURCE, folder]).then(
    () => true,
    () => false,
  );
}

export async function resizeMemory(folder: string, size: string): Promise<void> {
  await run('mount', ['-o', `remount,size=${size}`, folder]);
}

export async function unmount(folder: string): Promise<void> {
  await run('umount', ['--lazy', folder]);
}

/**
 * Unmounts everything that is mounted in a folder, the last mount first. Synchronous, because it is also called when
 * the process exits.
 */
export function unmountAllIn(dir: string): void {
  for (const folder of mountsIn(dir).reverse()) {
    try {
      execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
    } catch {
      // We may not unmount it. The removal of the folder then reports the error.
    }
  }
}

function mountsIn(dir: string): string[] {
  const lines = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return lines.map((line) => line.split(' ')[1] ?? '').filter((folder) => folder.startsWith(`${dir}/`));
}
