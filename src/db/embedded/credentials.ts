import { createHash, randomBytes } from 'node:crypto';
import { chown, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';

/** How to log in to the server of a data directory. Kept beside it, readable by its owner only. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Where it listened last: it should start again under the same address, which other programs may have stored. */
  readonly port: number;
}

/** Ports that no well-known program claims, below those of short-lived connections. */
const FIRST_PORT = 25_432;
const PORT_COUNT = 1_000;

/**
 * @returns null when there are none
 * @throws TaskError E_CONFIG when they may not be read or make no sense
 */
export async function readCredentials(dataDir: string): Promise<Credentials | null> {
  const file = credentialsPath(dataDir);
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Credentials;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    const owner = await stat(file).catch(() => null);
    const whose =
      owner === null ? '' : ` It belongs to user ${owner.uid}; you are user ${process.getuid?.()}.`;
    throw new TaskError(
      'E_CONFIG',
      `cannot read the database's login from ${file}: ${message}.${whose} ` +
        'Run as the user who first started it, or set DATABASE_URL.',
      { cause: error },
    );
  }
}

/** The login of a server yet to be made: the first process makes it, the others read the same. */
export async function createCredentials(dataDir: string): Promise<Credentials> {
  const mine: Credentials = {
    user: 'autophon',
    password: randomBytes(24).toString('hex'),
    port: choosePort(dataDir),
  };
  const draft = await writeDraft(dataDir, mine);
  try {
    await link(draft, credentialsPath(dataDir));
    return mine;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readCredentials(dataDir)) ?? mine;
  } finally {
    await rm(draft, { force: true });
  }
}

export async function rememberPort(dataDir: string, credentials: Credentials, port: number): Promise<void> {
  if (credentials.port === port) return;
  // By rename: half a file would lose the password, and with it the way into the database.
  await rename(await writeDraft(dataDir, { ...credentials, port }), credentialsPath(dataDir));
}

/** Root must not leave behind files that the folder's owner cannot use any more. */
export async function giveToFolderOwner(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const owner = await stat(path.dirname(file));
  await chown(file, owner.uid, owner.gid);
}

/** A different one for each directory: servers of several checkouts seldom meet. */
function choosePort(dataDir: string): number {
  return FIRST_PORT + (createHash('sha256').update(dataDir).digest().readUInt32BE() % PORT_COUNT);
}

async function writeDraft(dataDir: string, credentials: Credentials): Promise<string> {
  const draft = `${credentialsPath(dataDir)}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(credentials)}\n`, { mode: 0o600, flag: 'wx' });
  await giveToFolderOwner(draft);
  return draft;
}

function credentialsPath(dataDir: string): string {
  return `${dataDir}.json`;
}
