import { type Kysely, type RawBuilder, sql } from 'kysely';
import { fromKysely, PgBoss } from 'pg-boss';
import { must } from '../base/must.ts';
import { connectionLimits, endPool } from '../db/connection-limits.ts';
import { LOCK_TRY_SETTINGS } from '../db/lock-retries.ts';
import { Heartbeat } from './heartbeat.ts';

/** The one queue. Triggers on `tasks` make its jobs, see migrations/0003_queue.sql. */
const QUEUE = 'align';
const SCHEMA = 'pgboss';

/**
 * The result of a claim: it identifies the job and the attempt. Settling is refused when another attempt has the job.
 */
export interface ClaimedJob {
  readonly id: string;
  readonly retryCount: number;
  /** `tasks.id`; 0 for a job that was made by hand and names no task. */
  readonly taskRowId: string;
  /** The instance that had the task and went silent; null: it waited. */
  readonly holder: string | null;
  /** If no heartbeat comes for this time, the job goes to another instance. */
  readonly leaseSec: number;
}

export interface QueueOptions {
  /** After this time without a heartbeat, the job goes to another instance. */
  readonly leaseSec: number;
}

/** For a job that was made by hand, or by a changed queue, without its own lease. */
const DEFAULT_LEASE_SEC = 50;
/** Ten years: only a lease that is not renewed takes a job from its holder. */
const NO_EXPIRY_SEC = 315_360_000;
/** Maintenance of a long queue takes time. After this time no answer is expected any more. */
const MAINTENANCE_LIMIT_MS = 60_000;

type AnyKysely = Kysely<never>;
/** What a claim returns of a job. */
interface FetchedJob {
  readonly id: string;
  readonly retryCount: number;
  readonly heartbeatSeconds: number;
  readonly taskRowId: string;
  readonly holder: string | null;
}

export interface QueueSettings extends QueueOptions {
  readonly url: string;
  readonly onError: (error: Error) => void;
}

/**
 * The few functions of pg-boss that the worker needs. All use the caller's transaction if one is given, and all are
 * fenced by attempt.
 */
export class Queue {
  readonly #boss: PgBoss;
  readonly #limits = connectionLimits(MAINTENANCE_LIMIT_MS);
  readonly heartbeat: Heartbeat;

  constructor({ url, leaseSec, onError }: QueueSettings) {
    this.heartbeat = new Heartbeat({ url, leaseSec, onError });
    this.#boss = new PgBoss({
      ...this.#limits,
      connectionString: url,
      application_name: 'autophon queue',
      max: 2,
      schema: SCHEMA,
      migrate: false,
      createSchema: false,
      schedule: false,
      supervise: false,
      registerInstance: false,
      useListenNotify: false,
      persistWarnings: false,
      // If several instances come to it at the same time, one does the work.
      monitorIntervalSeconds: 1,
    });
    // pg-boss emits `error` from its timers; without a listener it would end the process.
    this.#boss.on('error', onError);
  }

  async start(): Promise<void> {
    await this.#boss.start();
  }

  async stop(): Promise<void> {
    const stopping = this.#boss.stop({ graceful: false });
    await Promise.all([endPool(() => stopping, this.#limits), this.heartbeat.stop()]);
  }

  /**
   * Takes the next job whose task is not locked (FOR UPDATE SKIP LOCKED on both), inside the caller's transaction. The
   * order, and what changes in the job, are those of pg-boss's own fetch, which locks jobs alone.
   * @param withoutEngines - engines whose tasks stay for other instances
   * @param instanceId - whose pauses count, beside those of all
   * @returns null when nothing waits that is not paused
   */
  async claim(
    tx: unknown,
    withoutEngines: readonly string[],
    instanceId: string,
  ): Promise<ClaimedJob | null> {
    const { rows } = await sql<FetchedJob>`
      ${startJobs(sql`SELECT find_next_job(${[...withoutEngines]}::text[], ${instanceId}) AS id`)}`.execute(
      tx as AnyKysely,
    );
    return rows[0] === undefined ? null : toClaimedJob(rows[0]);
  }

  /** Whether `claim` would find a job. It takes nothing. */
  async hasNext(db: unknown, withoutEngines: readonly string[], instanceId: string): Promise<boolean> {
    const { rows } = await sql<{ found: boolean }>`
      SELECT find_next_job(${[...withoutEngines]}::text[], ${instanceId}) IS NOT NULL AS found`.execute(
      db as AnyKysely,
    );
    return must(rows[0], 'the answer of find_next_job()').found;
  }

  /**
   * Takes one given job, for a task that is processed by hand: the same change that pg-boss's own fetch makes.
   * @returns null when it is not waiting: another instance has it, or it is done
   * @throws what `isRowHeld` knows when another session is changing the job right now
   */
  async claimById(tx: unknown, jobId: string): Promise<ClaimedJob | null> {
    const { rows } = await sql<FetchedJob>`
      ${startJobs(sql`SELECT id FROM pgboss.job WHERE name = ${QUEUE} AND id = ${jobId}
        AND state::text IN ('created', 'retry') FOR UPDATE NOWAIT`)}`.execute(tx as AnyKysely);
    return rows[0] === undefined ? null : toClaimedJob(rows[0]);
  }

  /**
   * Ends a job, whatever the outcome of its task.
   * @returns false when it was no longer ours: roll back
   */
  async settle(tx: unknown, job: ClaimedJob, fate: object): Promise<boolean> {
    const answer = await this.#boss.complete(QUEUE, toAttempt(job), fate, {
      db: fromKysely(tx as AnyKysely),
    });
    return changedBy(answer) === 1;
  }

  /**
   * Puts a job back, to run again after a delay, and wakes a worker when there is none.
   * The retries of pg-boss are raised along: how often a task may run is counted in `tasks`, not here.
   * @returns false when it was no longer ours: roll back
   */
  async putBack(tx: unknown, job: ClaimedJob, delaySec: number): Promise<boolean> {
    await sql`UPDATE pgboss.job SET retry_limit = retry_limit + 1
      WHERE name = ${QUEUE} AND id = ${job.id} AND retry_count = ${job.retryCount} AND state = 'active'
      RETURNING announce_waiting(-priority::bigint)`.execute(tx as AnyKysely);
    const db = fromKysely(tx as AnyKysely);
    const answer = await this.#boss.fail(QUEUE, toAttempt(job), { putBack: true }, { db });
    if (changedBy(answer) !== 1) return false;
    await this.#boss.update(QUEUE, undefined, { id: job.id, startAfter: delaySec, db });
    return true;
  }

  /**
   * Gives jobs of silent holders back to the queue, and wakes a worker when a retry has become due, for which there is no
   * notification. Several instances may call it at the same time. pg-boss's own supervision is not used: it counts the whole
   * queue each time.
   */
  async sweep(db: unknown): Promise<void> {
    await sql`SELECT sweep_jobs()`.execute(db as AnyKysely);
  }
}

/**
 * Notes the place where claims begin to search. Only this finds a job that was put before that place without the
 * triggers.
 */
export async function noteQueueFront(db: unknown): Promise<void> {
  await sql`SELECT find_queue_front()`.execute(db as AnyKysely);
}

/** Removes jobs that ended a week ago. */
export async function forgetOldJobs(db: unknown): Promise<void> {
  await sql`SELECT forget_old_jobs()`.execute(db as AnyKysely);
}

/**
 * Makes jobs active as pg-boss does. A job that was made by hand may lack a lease, and it would not be noticed that its
 * holder has died; one that expires by age would be taken from a holder that lives.
 */
function startJobs(ids: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`WITH next AS (${ids})
    UPDATE pgboss.job AS job SET state = 'active', started_on = now(), heartbeat_on = now(),
      retry_count = CASE WHEN job.started_on IS NOT NULL THEN job.retry_count + 1 ELSE job.retry_count END,
      heartbeat_seconds = coalesce(job.heartbeat_seconds, ${DEFAULT_LEASE_SEC}),
      expire_seconds = greatest(job.expire_seconds, ${NO_EXPIRY_SEC})
    FROM next WHERE job.name = ${QUEUE} AND job.id = next.id
    RETURNING job.id, job.retry_count AS "retryCount", job.heartbeat_seconds AS "heartbeatSeconds",
      coalesce(task_of_job(job.data), 0) AS "taskRowId", (
        SELECT instance FROM tasks WHERE id = task_of_job(job.data) AND task_status || '' = 'processing') AS holder`;
}

function toClaimedJob({ heartbeatSeconds, ...job }: FetchedJob): ClaimedJob {
  return { ...job, leaseSec: heartbeatSeconds };
}

function toAttempt(job: ClaimedJob): { id: string; retryCount: number } {
  return { id: job.id, retryCount: job.retryCount };
}

/**
 * The number of jobs that pg-boss has changed, which its types leave out. Without it, every attempt would count as
 * lost.
 */
function changedBy(answer: { readonly affected?: number }): number {
  return must(answer.affected, 'the number of jobs that pg-boss has changed');
}

/**
 * Installs or updates pg-boss's schema and our queue in it.
 * The options of an existing queue are updated too; jobs that wait keep those they were made with.
 */
export async function installQueue(url: string, options: QueueOptions): Promise<void> {
  const boss = new PgBoss({
    connectionString: url,
    ...LOCK_TRY_SETTINGS,
    schema: SCHEMA,
    schedule: false,
    supervise: false,
    max: 1,
  });
  boss.on('error', () => undefined);
  await boss.start();
  try {
    const settings = {
      notify: true,
      heartbeatSeconds: options.leaseSec,
      expireInSeconds: 86_400,
      retryLimit: 100,
      retryDelay: 0,
      retryBackoff: false,
      retentionSeconds: 31_536_000,
      deleteAfterSeconds: 604_800,
    };
    await boss.createQueue(QUEUE, { policy: 'standard', ...settings });
    await boss.updateQueue(QUEUE, settings);
  } finally {
    await boss.stop({ graceful: false });
  }
}
