import { findPgBouncer, startPgBouncer } from '../../../testing/pgbouncer.ts';
import { findReason } from '../instance.ts';
import { pause } from '../waiting.ts';
import type { Choice, Target } from './fault.ts';

const RUN_MS = 8_000;
const END_LIMIT_MS = 60_000;
/** The words that an operator needs in order to know what is wrong. */
const CLEAR_WORDS = /pgbouncer|pooler/i;
/** Errors of a database that another fault makes unreachable meanwhile. */
const OTHER_FAULTS =
  /too many clients|starting up|recovery|shutting down|ECONN|terminat|timeout|server login|closed/i;

/** A further instance connects through PgBouncer: it is refused with an explanation, or it works. */
export async function joinByPooler(target: Target, { coin }: Choice): Promise<number> {
  const { fleet, server, dirs, extraEnv, main, say, signal, find } = target;
  const program = findPgBouncer();
  if (program === null) return 0;
  const mode = coin ? 'transaction' : 'session';
  await using pooler = await startPgBouncer(program, server.url, mode, {}, dirs.dir);
  const extra = fleet.startExtra(main, { ...extraEnv, DATABASE_URL: pooler.url });
  await Promise.race([extra.ended, pause(RUN_MS, signal)]);
  extra.signal('SIGTERM');
  const limit = setTimeout(() => extra.signal('SIGKILL'), END_LIMIT_MS);
  const { lastOutput } = await extra.ended;
  clearTimeout(limit);
  const isTaken = extra.id() !== null;
  const reason = findReason(lastOutput);
  say(`an instance behind PgBouncer (${mode} pooling) ${isTaken ? 'worked' : `was refused: ${reason}`}`);
  if (!isTaken && lastOutput !== '' && !CLEAR_WORDS.test(reason) && !OTHER_FAULTS.test(reason))
    find({
      rule: 'a pooler is refused with clear words, or works',
      taskId: null,
      message: `${mode} pooling: ${reason}`,
    });
  return 1;
}
