import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { findReason } from '../instance.ts';
import { pause } from '../waiting.ts';
import type { Choice, Target } from './fault.ts';

const PROGRAM = '/usr/sbin/pgbouncer';
const RUN_MS = 8_000;
const END_LIMIT_MS = 60_000;
/** Of a database that another fault keeps away meanwhile. */
const OTHER_FAULTS =
  /too many clients|starting up|recovery|shutting down|ECONN|terminat|timeout|server login|closed/i;
/** What a person needs to read to know what is wrong. */
const CLEAR_WORDS = /pgbouncer|pooler/i;

/** One more instance comes by way of PgBouncer: it is refused with words that say so, or works. */
export async function joinByPooler(target: Target, { strength, coin }: Choice): Promise<number> {
  const { fleet, guestEnv, main, say, signal, find } = target;
  const mode = coin ? 'transaction' : 'session';
  const pooler = await startPooler(target, mode, strength > 0.5);
  if (pooler === null) return 0;
  try {
    const url = new URL(target.server.url);
    url.port = String(pooler.port);
    const guest = fleet.invite(main, { ...guestEnv, DATABASE_URL: url.href });
    await Promise.race([guest.ended, pause(RUN_MS, signal)]);
    guest.signal('SIGTERM');
    const limit = setTimeout(() => guest.signal('SIGKILL'), END_LIMIT_MS);
    const { lastWords } = await guest.ended;
    clearTimeout(limit);
    const isTaken = guest.id() !== null;
    const reason = findReason(lastWords);
    say(`an instance behind PgBouncer (${mode} pooling) ${isTaken ? 'worked' : `was refused: ${reason}`}`);
    if (!isTaken && lastWords !== '' && !CLEAR_WORDS.test(reason) && !OTHER_FAULTS.test(reason))
      find({
        rule: 'a pooler is refused with clear words, or works',
        taskId: null,
        message: `${mode} pooling: ${reason}`,
      });
    return 1;
  } finally {
    pooler.process.kill('SIGINT');
    await once(pooler.process, 'exit');
  }
}

async function startPooler(
  { place, server }: Target,
  mode: string,
  isLenient: boolean,
): Promise<{ process: ChildProcess; port: number } | null> {
  const { hostname, port: serverPort, username, password, pathname } = new URL(server.url);
  const port = await findFreePort();
  const dir = path.join(place.dir, `pooler-${port}`);
  await mkdir(dir);
  const ini = path.join(dir, 'pgbouncer.ini');
  const database = pathname.slice(1);
  const lines = [
    '[databases]',
    `${database} = host=${hostname} port=${serverPort} user=${username} password=${password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'auth_type = any',
    `pool_mode = ${mode}`,
    'unix_socket_dir =',
    // As sites set it when a program says that a startup parameter is not supported.
    ...(isLenient ? ['ignore_startup_parameters = extra_float_digits,statement_timeout,options'] : []),
  ];
  await writeFile(ini, `${lines.join('\n')}\n`);
  // PgBouncer does not run as root, and its user must be able to read the file.
  for (const file of [dir, ini]) await chmod(file, 0o755);
  const args = process.getuid?.() === 0 ? ['-u', 'nobody', ini] : [ini];
  const child = spawn(PROGRAM, args, { cwd: place.dir, stdio: 'ignore' });
  const failed = once(child, 'error').then(
    () => true,
    () => true,
  );
  const ended = once(child, 'exit').then(
    () => true,
    () => true,
  );
  const isUp = await Promise.race([failed.then(() => false), ended.then(() => false), untilListening(port)]);
  return isUp ? { process: child, port } : null;
}

async function untilListening(port: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = net.connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return true;
    await pause(50);
  }
  return false;
}

async function findFreePort(): Promise<number> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
