import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const PLACES = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'];
/** PgBouncer refuses to run as root. */
const PLAIN_USER = 'nobody';

export interface Pooler extends AsyncDisposable {
  /** Address of the same database, through the pooler. */
  readonly url: string;
}

/** @returns null if it is not installed */
export function findPgBouncer(): string | null {
  return (
    PLACES.find((place) => {
      try {
        accessSync(place, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }) ?? null
  );
}

/**
 * Starts a PgBouncer in front of a database.
 * @param parentDir - where its folder is made, which is also its working directory
 */
export async function startPgBouncer(
  program: string,
  databaseUrl: string,
  poolMode: 'session' | 'transaction' | 'statement',
  settings: Readonly<Record<string, string>> = {},
  parentDir = os.tmpdir(),
): Promise<Pooler> {
  const target = new URL(databaseUrl);
  const dir = await mkdtemp(path.join(parentDir, 'autophon-pgbouncer-'));
  await chmod(dir, 0o755);
  const port = await findFreePort();
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: poolMode,
    ...(process.getuid?.() === 0 ? { user: PLAIN_USER } : {}),
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const login = `user=${target.username} password=${decodeURIComponent(target.password)}`;
  const file = path.join(dir, 'pgbouncer.ini');
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${target.hostname} port=${target.port} ${login}`,
      '[pgbouncer]',
      ...lines,
      '',
    ].join('\n'),
  );
  const child = spawn(program, [file], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  await isReady(child);
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function isReady(child: ChildProcess): Promise<void> {
  const said: string[] = [];
  if (child.stderr === null) return;
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (line.includes('process up')) {
      child.stderr.resume();
      return;
    }
  }
  throw new Error(`PgBouncer ended: ${said.join('\n')}`);
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
