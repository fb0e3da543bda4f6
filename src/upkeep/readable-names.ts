import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { beginRemoval, removalFolder } from './remove-file.ts';

/** With the hash before it, a name stays below the 255 bytes that file systems take. */
const MAX_NAME_CHARS = 150;

/**
 * Gives files and folders whose names are not UTF-8 names that are. No path of ours leads to such a file: what a user
 * deletes would stay. The removal of a file is begun with that: its new name changes its ctime, by which a later look would
 * keep it. Files that are not to go keep their names.
 */
export async function makeNamesReadable(
  dir: string,
  shouldRemove: (stats: BigIntStats) => boolean,
): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true, encoding: 'buffer' })) {
    const isReadable = isUtf8(entry.name);
    const name = isReadable ? entry.name.toString() : readableName(entry.name);
    if (!isReadable) {
      const place = Buffer.concat([Buffer.from(`${dir}/`), entry.name]);
      const found = await lstat(place, { bigint: true });
      if (found.isDirectory()) await rename(place, path.join(dir, name));
      else if (shouldRemove(found))
        await beginRemoval(place, path.join(dir, removalFolder(name, found), name));
    }
    if (entry.isDirectory()) await makeNamesReadable(path.join(dir, name), shouldRemove);
  }
}

/** Its end has the extension, and the hash keeps two names apart. */
function readableName(bytes: Buffer): string {
  const shown = Array.from(bytes, (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
  ).join('');
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  return `${hash}-${shown.slice(-MAX_NAME_CHARS)}`;
}
