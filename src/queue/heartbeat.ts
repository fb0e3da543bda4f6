import { type RawBuilder, sql } from 'kysely';
import type { Fence } from '../db/attempts.ts';
import { connect, type Db } from '../db/connect.ts';

/** One attempt that an instance believes to have: the task with its fence, the job with its retry count. */
export interface RunningAttempt {
  readonly job: { readonly id: string; readonly retryCount: number };
  readonly task: Fence;
}

/**
 * What a heartbeat found. `renewed`: the lease starts again. `blocked`: the attempt is still ours, but a transaction of
 * another session holds its job, so that the lease could not be renewed. `lost`: row or job belong to no or another
 * attempt.
 */
export type LeaseState = 'renewed' | 'blocked' | 'lost';

/** A lease must outlive a dead connection: the heartbeat on it, the next one on another connection, and a reserve. */
const HEARTBEATS_PER_LEASE = 8;
const HEARTBEAT_MIN_MS = 1_000;

export interface HeartbeatSettings {
  readonly url: string;
  readonly leaseSec: number;
  readonly onError: (error: Error) => void;
}

/**
 * Renews leases and asks whether attempts are still ours, on separate connections, so that nothing else can delay it.
 */
export class Heartbeat {
  readonly #db: Db;

  constructor({ url, leaseSec, onError }: HeartbeatSettings) {
    this.#db = connect({
      url,
      applicationName: 'autophon heartbeat',
      // The check after a cancel does not wait for a heartbeat under way.
      maxConnections: 2,
      answerTimeoutMs: Math.max(HEARTBEAT_MIN_MS, (leaseSec * 1000) / HEARTBEATS_PER_LEASE),
      onConnectionLost: onError,
    });
  }

  /**
   * Renews the leases of running attempts in one statement. A job that another session has locked is skipped: while we
   * waited for it, all other leases could run out.
   * @returns one state for each attempt, in the order given
   */
  async renew(attempts: readonly RunningAttempt[]): Promise<readonly LeaseState[]> {
    const { rows } = await sql<{ n: number; isRenewed: boolean }>`
      SELECT n, is_renewed AS "isRenewed" FROM renew_leases(${namesOf(attempts)})`.execute(this.#db);
    const found = new Map(rows.map(({ n, isRenewed }) => [n, isRenewed ? 'renewed' : 'blocked'] as const));
    return attempts.map((_, index) => found.get(index + 1) ?? 'lost');
  }

  /** Asks, without a lock, which attempts are still ours. @returns one answer for each, in the order given */
  async look(attempts: readonly RunningAttempt[]): Promise<readonly boolean[]> {
    const { rows } = await sql<{ n: number }>`
      SELECT n FROM find_running_attempts(${namesOf(attempts)})`.execute(this.#db);
    const found = new Set(rows.map(({ n }) => n));
    return attempts.map((_, index) => found.has(index + 1));
  }

  async stop(): Promise<void> {
    await this.#db.destroy();
  }
}

/** The arguments that identify an attempt to the functions of queue.sql. */
function namesOf(attempts: readonly RunningAttempt[]): RawBuilder<unknown> {
  return sql`
    ${attempts.map(({ job }) => job.id)}::uuid[], ${attempts.map(({ job }) => job.retryCount)}::int[],
    ${attempts.map(({ task }) => task.id)}::bigint[], ${attempts.map(({ task }) => task.fence)}::int[],
    ${attempts.map(({ task }) => task.claim)}::text[]`;
}
