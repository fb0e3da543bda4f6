import { chown, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { type Binaries, withNameablePrograms } from './binaries.ts';
import { runCommand, type ServerUser } from './command.ts';
import { type Credentials, createCredentials, readCredentials } from './credentials.ts';
import { noAccess, toServerFault } from './faults.ts';

/**
 * Makes the data directory, or checks the existing one. A new directory is made under another name and renamed when it is
 * complete, so that an incomplete one never has the final name.
 * @param isDurable - false: the data may be lost in a power failure
 * @throws TaskError E_CONFIG when the existing directory cannot be used; E_DISK_FULL
 */
export async function ensureCluster(
  dataDir: string,
  binaries: Binaries,
  user: ServerUser | null,
  isDurable: boolean,
): Promise<Credentials> {
  const version = await readVersion(dataDir);
  if (version === null) {
    await assertEmpty(dataDir);
    const credentials = await createCredentials(dataDir);
    await createCluster(dataDir, binaries, user, credentials, isDurable);
    return credentials;
  }
  if (version !== binaries.majorVersion) {
    throw new TaskError(
      'E_CONFIG',
      `the database in ${dataDir} was made by Postgres ${version}, the installed one is ${binaries.majorVersion}. ` +
        `Copy the data with pg_dump of version ${version}, or move the folder away to begin an empty database.`,
    );
  }
  const credentials = await readCredentials(dataDir);
  if (credentials !== null) return credentials;
  throw new TaskError(
    'E_CONFIG',
    `the login to the database in ${dataDir} is lost: ${dataDir}.json is missing. ` +
      'Put it back from a backup, or move the folder away to begin an empty database.',
  );
}

/** Deletes the incomplete directories of killed starts. The caller must hold the start lock. */
export async function removeUnfinishedDirs(dataDir: string): Promise<void> {
  const folder = path.dirname(dataDir);
  const prefix = `${path.basename(dataDir)}.init-`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function createCluster(
  dataDir: string,
  binaries: Binaries,
  user: ServerUser | null,
  credentials: Credentials,
  isDurable: boolean,
): Promise<void> {
  const work = await mkdtemp(`${dataDir}.init-`);
  const passwordFile = path.join(work, 'password');
  const draft = path.join(work, 'data');
  try {
    await writeFile(passwordFile, `${credentials.password}\n`, { mode: 0o600 });
    if (user !== null) {
      await chown(passwordFile, user.uid, user.gid);
      await chown(work, user.uid, user.gid);
    }
    const args = [
      `--pgdata=${draft}`,
      `--username=${credentials.user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The locales of the host differ between systems, and would change the sort order.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-instructions',
      ...(isDurable ? [] : ['--no-sync']),
    ];
    const result = await withNameablePrograms(binaries, (initdb) => runCommand(initdb, args, user));
    if (result.exitCode !== 0)
      throw toServerFault('Postgres could not make its data directory', dataDir, result.output);
    await rename(draft, dataDir).catch((error: NodeJS.ErrnoException) => {
      // Another process has made the directory first. Both have the same login.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function readVersion(dataDir: string): Promise<string | null> {
  return readFile(path.join(dataDir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw noAccess(dataDir, error);
    },
  );
}

async function assertEmpty(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new TaskError(
    'E_CONFIG',
    `${dataDir}: expected a Postgres data directory or nothing, found other files (${names.slice(0, 3).join(', ')}). ` +
      'Move them away, or set DATA_DIR to another folder.',
  );
}
