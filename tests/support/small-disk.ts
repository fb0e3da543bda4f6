import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rmdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A folder on a disk of a fixed size, which a test may fill. */
export interface SmallDisk extends AsyncDisposable {
  readonly dir: string;
}

const BLOCK_BYTES = 64 * 1024;

/**
 * @param dir - its path; it is made if it does not exist. Default: a new folder
 * @returns null if this user may not mount anything
 */
export async function makeSmallDisk(bytes: number, dir?: string): Promise<SmallDisk | null> {
  const place = dir ?? (await mkdtemp(path.join(os.tmpdir(), 'autophon-disk-')));
  await mkdir(place, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'autophon-test', place]).status !== 0) {
    await rmdir(place);
    return null;
  }
  return {
    dir: place,
    [Symbol.asyncDispose]: async () => {
      spawnSync('umount', ['-l', place]);
      await rmdir(place);
    },
  };
}

/** Writes a file until the disk is full. @returns its path */
export async function fillUp(dir: string): Promise<string> {
  const filler = path.join(dir, 'filler');
  await using file = await open(filler, 'w');
  for (let bytes = BLOCK_BYTES; bytes >= 1; ) {
    // The write that found the disk full may have been done in part.
    await file.write(Buffer.alloc(bytes)).catch(() => {
      bytes = Math.floor(bytes / 2);
    });
  }
  return filler;
}
