import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { findDataDir, pointerPath } from '../../src/db/embedded/place.ts';
import { OWNER_FILE, REFUGES } from '../../src/db/embedded/refuge.ts';

const REFUGE_NAME = /^autophon-[0-9a-f]{12}$/;

/** A folder of ours outside the project, with the data of one server. */
export interface Refuge {
  readonly folder: string;
  /** Such as `/var/lib/autophon-0123456789ab/postgres`; null: nothing was made in it. */
  readonly dataDir: string | null;
  /** The directory in a checkout that it stands for; null: it does not say. */
  readonly requestedDir: string | null;
  /** Whether that checkout still uses it; false also when the checkout is gone. */
  readonly isUsed: boolean;
}

/** All refuges that belong to the user who runs us, of this checkout and of others. */
export async function findRefuges(parents: readonly string[] = REFUGES): Promise<Refuge[]> {
  const lists = await Promise.all(
    parents.map(async (parent) => {
      const names = await readdir(parent).catch(() => []);
      const folders = names.filter((name) => REFUGE_NAME.test(name)).map((name) => path.join(parent, name));
      return Promise.all(folders.map(readRefuge));
    }),
  );
  return lists.flat().filter((refuge) => refuge !== null);
}

/** Removes a refuge whose server does not run, and what points to it. */
export async function removeRefuge({ folder, requestedDir, isUsed }: Refuge): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  if (isUsed && requestedDir !== null) await rm(pointerPath(requestedDir), { force: true });
}

async function readRefuge(folder: string): Promise<Refuge | null> {
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return null;
  const owner = (await readFile(path.join(folder, OWNER_FILE), 'utf8').catch(() => '')).trim();
  const login = (await readdir(folder)).find((name) => name.endsWith('.json'));
  const dataDir = login === undefined ? null : path.join(folder, path.basename(login, '.json'));
  const requestedDir = owner === '' ? null : owner;
  const isUsed = requestedDir !== null && path.dirname(await findDataDir(requestedDir)) === folder;
  return { folder, dataDir, requestedDir, isUsed };
}
