// Names the databases that root has outside of a checkout, of this one and of those that are gone, and removes them when
// told to: by an answer at the terminal, or with OUTSIDE=remove in the environment.
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { stopEmbedded } from '../src/db/embedded.ts';
import { findRefuges, type Refuge, removeRefuge } from './clean-outside/refuges.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

const refuges = await findRefuges();
const known = refuges.filter(
  ({ requestedDir, isUsed }) => requestedDir !== null && (!isUsed || isOurs(requestedDir)),
);
for (const refuge of known) console.log(`outside this project: ${refuge.folder}, ${describe(refuge)}`);
if (known.length > 0) await offer(known);
// Made by a version that did not write it down: another checkout may be using it.
for (const { folder, requestedDir } of refuges)
  if (requestedDir === null)
    console.log(`${folder}: a database that does not say which project it belongs to; it stays`);

async function offer(found: readonly Refuge[]): Promise<void> {
  if (process.env['OUTSIDE'] === 'remove') {
    // Nobody is asked: what belongs to another folder may only have been moved, or be on a disk that is not mounted.
    for (const refuge of found.filter(({ requestedDir }) => requestedDir !== null && isOurs(requestedDir)))
      await remove(refuge);
    return;
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.log('"make clean OUTSIDE=remove" removes those of this project, with the tasks in them');
    return;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    for (const refuge of found) {
      const answer = await terminal.question(`remove ${refuge.folder}, with the tasks in it? Type "yes": `);
      if (answer.trim() === 'yes') await remove(refuge);
    }
  } finally {
    terminal.close();
  }
}

async function remove(refuge: Refuge): Promise<void> {
  if (refuge.dataDir !== null) await stopEmbedded(refuge.dataDir);
  await removeRefuge(refuge);
  console.log(`removed ${refuge.folder}`);
}

function isOurs(requestedDir: string): boolean {
  return requestedDir.startsWith(`${ROOT_DIR}${path.sep}`);
}

function describe({ requestedDir, isUsed }: Refuge): string {
  return isUsed
    ? `which stands for ${requestedDir}`
    : `the database of ${requestedDir}, which is not found (deleted, moved, or on a disk that is not mounted)`;
}
