// Names the databases that root has outside of a checkout, of this one and of those that are gone, and removes them when
// told to: by an answer at the terminal, or with OUTSIDE=remove in the environment.
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { stopEmbedded } from '../src/db/embedded.ts';
import { type FallbackDir, findFallbackDirs, removeFallbackDir } from './clean-outside/fallback-dirs.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

const fallbackDirs = await findFallbackDirs();
const known = fallbackDirs.filter(
  ({ requestedDir, isUsed }) => requestedDir !== null && (!isUsed || isOurs(requestedDir)),
);
for (const fallbackDir of known)
  console.log(`outside this project: ${fallbackDir.folder}, ${describe(fallbackDir)}`);
if (known.length > 0) await offer(known);
// Made by a version that did not write it down: another checkout may be using it.
for (const { folder, requestedDir } of fallbackDirs)
  if (requestedDir === null)
    console.log(`${folder}: a database that does not say which project it belongs to; it stays`);

async function offer(found: readonly FallbackDir[]): Promise<void> {
  if (process.env['OUTSIDE'] === 'remove') {
    // The user is not asked: a database of another folder may only have been moved, or be on a disk that is not
    // mounted.
    for (const fallbackDir of found.filter(
      ({ requestedDir }) => requestedDir !== null && isOurs(requestedDir),
    ))
      await remove(fallbackDir);
    return;
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.log('"make clean OUTSIDE=remove" removes those of this project, with the tasks in them');
    return;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    for (const fallbackDir of found) {
      const answer = await terminal.question(
        `remove ${fallbackDir.folder}, with the tasks in it? Type "yes": `,
      );
      if (answer.trim() === 'yes') await remove(fallbackDir);
    }
  } finally {
    terminal.close();
  }
}

async function remove(fallbackDir: FallbackDir): Promise<void> {
  if (fallbackDir.dataDir !== null) await stopEmbedded(fallbackDir.dataDir);
  await removeFallbackDir(fallbackDir);
  console.log(`removed ${fallbackDir.folder}`);
}

function isOurs(requestedDir: string): boolean {
  return requestedDir.startsWith(`${ROOT_DIR}${path.sep}`);
}

function describe({ requestedDir, isUsed }: FallbackDir): string {
  return isUsed
    ? `which stands for ${requestedDir}`
    : `the database of ${requestedDir}, which is not found (deleted, moved, or on a disk that is not mounted)`;
}
