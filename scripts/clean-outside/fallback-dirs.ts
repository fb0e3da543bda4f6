import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { findDataDir, pointerPath } from '../../src/db/embedded/data-dir.ts';
import { FALLBACK_MARK, FALLBACK_PARENTS } from '../../src/db/embedded/fallback-dir.ts';

const FALLBACK_NAME = /^autophon-[0-9a-f]{12}$/;

/** A folder of this program outside the project, with the data of one server. */
export interface FallbackDir {
  readonly folder: string;
  /** Such as `/var/lib/autophon-0123456789ab/postgres`; null: nothing was made in it. */
  readonly dataDir: string | null;
  /** The directory of the checkout that it replaces; null: the folder does not say. */
  readonly requestedDir: string | null;
  /** Whether that checkout still uses it; also false if the checkout is gone. */
  readonly isUsed: boolean;
}

/** All fallback folders that belong to the user who runs this script, of this checkout and of others. */
export async function findFallbackDirs(
  parents: readonly string[] = FALLBACK_PARENTS,
): Promise<FallbackDir[]> {
  const lists = await Promise.all(
    parents.map(async (parent) => {
      const names = await readdir(parent).catch(() => []);
      const folders = names.filter((name) => FALLBACK_NAME.test(name)).map((name) => path.join(parent, name));
      return Promise.all(folders.map(readFallbackDir));
    }),
  );
  return lists.flat().filter((fallbackDir) => fallbackDir !== null);
}

/** Removes a fallback folder whose server does not run, and the links to it. */
export async function removeFallbackDir({ folder, requestedDir, isUsed }: FallbackDir): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  if (isUsed && requestedDir !== null) await rm(pointerPath(requestedDir), { force: true });
}

async function readFallbackDir(folder: string): Promise<FallbackDir | null> {
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return null;
  const owner = (await readFile(path.join(folder, FALLBACK_MARK), 'utf8').catch(() => '')).trim();
  const login = (await readdir(folder)).find((name) => name.endsWith('.json'));
  const dataDir = login === undefined ? null : path.join(folder, path.basename(login, '.json'));
  const requestedDir = owner === '' ? null : owner;
  const isUsed = requestedDir !== null && path.dirname(await findDataDir(requestedDir)) === folder;
  return { folder, dataDir, requestedDir, isUsed };
}
