import { messageOf } from '../../base/errors.ts';
import { shortId } from '../../base/short-id.ts';
import { formatTime } from '../../base/time.ts';
import { programVersion } from '../../base/version.ts';
import { withoutPassword } from '../../base/without-password.ts';
import { type ChoreHealth, listChores } from '../../db/chores.ts';
import { assertReachable, type Db } from '../../db/connect.ts';
import { listActiveInstances } from '../../db/instances.ts';
import { findPendingMigrations } from '../../db/migrate.ts';
import { listPauses } from '../../db/pauses.ts';
import { type Durability, measureNotification, readServerFacts } from '../../db/server-check.ts';
import { isDatabaseAway } from '../../db/statement-fault.ts';
import { describePause } from '../pauses.ts';
import { type Check, checker } from './check.ts';
import { checkLateDeliveries } from './deliveries.ts';

const check = checker('database');
const MIN_FREE_CONNECTIONS = 10;
const SESSION_POOLER =
  'there is one, in session mode, which works; a worker needs ALIGNMENT_WORKERS + 11 of its sessions';
/** An empty host means a Unix socket. */
const THIS_MACHINE = /^(localhost|127(\.\d+){3}|\[::1\]|)$/;

export interface DatabaseAccess {
  readonly db: Db;
  readonly url: string;
  /** Whether the server is the built-in one. */
  readonly isBuiltIn: boolean;
}

/** The server, notifications through it, its schema, and the workers that use it. */
export async function checkDatabase({ db, url, isBuiltIn }: DatabaseAccess): Promise<Check[]> {
  const checks: Check[] = [];
  const facts = await readServerFacts(db);
  const which = isBuiltIn ? 'built-in Postgres' : 'Postgres';
  checks.push(check('ok', 'server', `${which} ${facts?.version} at ${withoutPassword(url)}`));
  if (facts !== null && !isBuiltIn) checks.push(checkEncryption(facts.tls, url));
  if (facts !== null) checks.push(checkDurability(facts.durability));
  if (facts !== null) checks.push(checkConnections(facts.connections, facts.maxConnections));
  const { pooling } = await assertReachable(url);
  if (pooling === 'session') checks.push(check('ok', 'pooler', SESSION_POOLER));
  checks.push(describeNotification(await measureNotification(db, url)));
  const migrations = await checkMigrations(url, isBuiltIn);
  checks.push(migrations);
  if (migrations.state === 'ok')
    checks.push(...(await checkInstances(db)), ...(await checkLateDeliveries(db)));
  return checks;
}

/** The checks if the database cannot be reached. */
export function describeDatabaseError(error: unknown): Check {
  const message = messageOf(error);
  const fix = isDatabaseAway(error) ? 'check DATABASE_URL and that the server runs' : null;
  return check('wrong', 'server', message, fix);
}

/** What happens to a confirmed commit when the server crashes, or a standby takes over. @internal */
export function checkDurability(promise: Durability): Check {
  const { fsync, fullPageWrites, synchronousCommit, standbys, synchronousStandbys } = promise;
  if (!fsync || !fullPageWrites) {
    return check(
      'warn',
      'durability',
      `${fsync ? 'full_page_writes' : 'fsync'} is off: a crash of the machine may lose or damage all tasks`,
      `turn it on in postgresql.conf`,
    );
  }
  const parts = [
    synchronousCommit === 'off'
      ? 'synchronous_commit is off: the last rows may be lost in a crash; a completed task is not, its commit asks for more'
      : 'a confirmed commit survives a crash of the server',
  ];
  if (standbys > synchronousStandbys) {
    parts.push(
      `${standbys - synchronousStandbys} of ${standbys} standbys may lack the last commits: REMOVAL_DELAY must be longer than they lag behind`,
    );
  }
  return check('ok', 'durability', parts.join('; '));
}

/** @param tls - its version; null: the connection is not encrypted @internal */
export function checkEncryption(tls: string | null, url: string): Check {
  if (tls !== null) return check('ok', 'encryption', tls);
  const { hostname } = URL.parse(url) ?? { hostname: '' };
  return THIS_MACHINE.test(hostname)
    ? check('ok', 'encryption', 'none, and none needed: the server is on this machine')
    : check(
        'warn',
        'encryption',
        `none: all rows can be read on the network between here and ${hostname}`,
        'put sslmode=verify-full&sslrootcert=FILE into DATABASE_URL',
      );
}

function checkConnections(used: number, max: number): Check {
  const found = `${used} of ${max} in use`;
  return max - used < MIN_FREE_CONNECTIONS
    ? check('warn', 'connections', found, 'raise max_connections, or run fewer workers')
    : check('ok', 'connections', found);
}

function describeNotification(ms: number | null): Check {
  return ms === null
    ? check(
        'wrong',
        'notifications',
        'one was sent and did not arrive: new tasks wait for the next poll',
        'connect to Postgres itself, not to a pooler that shares sessions',
      )
    : check('ok', 'notifications', `arrive after ${ms.toFixed(0)} ms`);
}

async function checkMigrations(url: string, isBuiltIn: boolean): Promise<Check> {
  try {
    const pending = await findPendingMigrations(url);
    if (pending.length === 0) return check('ok', 'migrations', 'all applied');
    return check(
      isBuiltIn ? 'warn' : 'wrong',
      'migrations',
      `${pending.length} missing: ${pending.join(', ')}`,
      isBuiltIn ? 'the next command applies them, or "make migrate"' : 'run "make migrate"',
    );
  } catch (error) {
    return check('wrong', 'migrations', messageOf(error));
  }
}

async function checkInstances(db: Db): Promise<Check[]> {
  const paused = (await listPauses(db)).map((one) =>
    check('warn', 'pause', describePause(one), one.is_drain ? null : 'end it with "autophon resume"'),
  );
  const workers = (await listActiveInstances(db)).filter(({ slots }) => slots > 0);
  if (workers.length === 0) {
    return [
      check('warn', 'workers', 'none is running: tasks wait', 'start one with "make worker"'),
      ...paused,
    ];
  }
  const late = (await listChores(db)).filter(({ is_late }) => is_late);
  return workers
    .map(({ id, host, pid, version, busy, slots }) => {
      const found = `${shortId(id)} on ${host}, pid ${pid}, ${busy} of ${slots} slots busy`;
      return version === programVersion()
        ? check('ok', 'worker', found)
        : check(
            'warn',
            'worker',
            `${found}, version ${version}; here is ${programVersion()}`,
            'restart it after an update',
          );
    })
    .concat(paused, late.map(describeLate));
}

function describeLate({ name, succeeded_at, error }: ChoreHealth): Check {
  const since = succeeded_at === null ? 'never done' : `not done since ${formatTime(succeeded_at)}`;
  const why = error === null ? '' : `; it failed with: ${error}`;
  return check('warn', 'chore', `${name}: ${since}${why}`, 'the log of the workers has more');
}
