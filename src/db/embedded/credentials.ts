import { createHash, randomBytes } from 'node:crypto';
import { chown, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';

/** The login to the server of a data directory. Its file lies beside the directory, readable by its owner only. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Where the server listened last. It should keep its port, since other programs may have stored the address. */
  readonly port: number;
}

/** Ports that no well-known program uses, below those that Linux gives to outgoing connections. */
const FIRST_PORT = 25_432;
const PORT_COUNT = 1_000;

/**
 * @returns null when there is no file
 * @throws TaskError E_CONFIG when the file cannot be read or is damaged
 */
export async function readCredentials(dataDir: string): Promise<Credentials | null> {
  const file = credentialsPath(dataDir);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
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
  const credentials = parseCredentials(text);
  if (credentials !== null) return credentials;
  throw new TaskError(
    'E_CONFIG',
    `${file} is damaged; expected JSON with user, password and port. Put the file back from a backup, or set DATABASE_URL.`,
  );
}

function parseCredentials(text: string): Credentials | null {
  try {
    const { user, password, port } = JSON.parse(text) as Record<string, unknown>;
    return typeof user === 'string' && typeof password === 'string' && typeof port === 'number'
      ? { user, password, port }
      : null;
  } catch {
    return null;
  }
}

/** Makes the login of a new server. If several processes call this at the same time, all get the same login. */
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

/** Stores the port of the server, if it has changed. */
export async function rememberPort(dataDir: string, credentials: Credentials, port: number): Promise<void> {
  if (credentials.port === port) return;
  // A rename is atomic. A half-written file would lose the password, and nobody could log in to the database.
  await rename(await writeDraft(dataDir, { ...credentials, port }), credentialsPath(dataDir));
}

/** A file that root makes belongs to the owner of its folder: otherwise that user could not use it later. */
export async function giveToFolderOwner(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const owner = await stat(path.dirname(file));
  await chown(file, owner.uid, owner.gid);
}

/** Depends on the path of the directory, so that the servers of several checkouts rarely choose the same port. */
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
