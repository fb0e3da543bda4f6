import { stat } from 'node:fs/promises';
import { TaskError } from '../../base/errors.ts';
import { runCommand, type ServerUser } from './command.ts';

/** Users that exist on most systems, in order of preference. This program creates no users. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Chooses the user that runs the server.
 * @param dataDir - if it exists, its owner is chosen
 * @returns null: the user who runs this process
 * @throws TaskError E_CONFIG when this process is root and the system has none of these users
 */
export async function chooseServerUser(dataDir: string): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(dataDir).catch(() => null);
  if (owner !== null && owner.uid !== 0)
    return { name: await askName(owner.uid), uid: owner.uid, gid: owner.gid };
  for (const name of CANDIDATES) {
    const [uid, gid] = await Promise.all([askId('-u', name), askId('-g', name)]);
    if (uid !== null && gid !== null) return { name, uid, gid };
  }
  throw new TaskError(
    'E_CONFIG',
    `Postgres does not run as root, and this system has none of the users that could run it (${CANDIDATES.join(', ')}). ` +
      'Run as an ordinary user, or set DATABASE_URL to a server of your own.',
  );
}

async function askId(option: '-u' | '-g', name: string): Promise<number | null> {
  const { exitCode, output } = await runCommand('id', [option, name], null);
  const id = Number(output.trim());
  return exitCode === 0 && Number.isInteger(id) && id > 0 ? id : null;
}

async function askName(uid: number): Promise<string> {
  const { exitCode, output } = await runCommand('id', ['-nu', String(uid)], null);
  return exitCode === 0 ? output.trim() : `number ${uid}`;
}
