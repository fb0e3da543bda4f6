import { type ExpressionBuilder, sql } from 'kysely';
import type { Fault, Warning } from '../base/errors.ts';
import { must } from '../base/must.ts';
import type { Search } from '../base/site-policy.ts';
import type { StageName } from '../base/stage-name.ts';
import { newTraceparent, parseTraceparent, TRACEPARENT, type TraceContext } from '../base/traceparent.ts';
import type { Db, Tx } from './connect.ts';
import { rowFindings, rowMessage, rowNote } from './row-texts.ts';
import type { Database, FileKind, PartialResults, Speakers, TaskStatus } from './schema.ts';

/** The columns of a task that the pipeline needs, and those that decide its fate. */
export interface AttemptRow extends NamedFence {
  readonly user_uuid: string;
  readonly lang: string;
  readonly engine: string | null;
  readonly task_path: string;
  readonly attempts: number;
  /** Attempts in which a worker is known to have died. */
  readonly crashes: number;
  /** Attempts that were taken over, including those that crashed. */
  readonly takeovers: number;
  readonly queued_at: Date | null;
  readonly partial_results: PartialResults | null;
  readonly speakers: Speakers;
  readonly search: Search | null;
  readonly channels: string | null;
  readonly formats: string | null;
  readonly columns: string | null;
  readonly trace: TraceContext;
  /** The instance whose lease ran out, if this is a take-over; null: the task waited. */
  readonly taken_from: string | null;
  /** `claim` of the previous attempt; null: this is the first one. */
  readonly earlier_claim: string | null;
}

const ATTEMPT_COLUMNS = [
  'tasks.id',
  'tasks.task_id',
  'tasks.user_uuid',
  'tasks.lang',
  'tasks.engine',
  'tasks.task_path',
  'tasks.fence',
  'tasks.claim',
  'tasks.attempts',
  'tasks.crashes',
  'tasks.takeovers',
  'tasks.queued_at',
  'tasks.partial_results',
  'tasks.speakers',
  'tasks.search',
  'tasks.channels',
  'tasks.formats',
  'tasks.columns',
  'tasks.traceparent',
  'held.instance as taken_from',
  'held.claim as earlier_claim',
] as const;

/**
 * Begins an attempt at the task of a claimed job. If the task is already `processing`, it is taken over; a trigger records
 * that and counts crashes.
 *
 * It does not wait for the row. Another session that changes the task holds the row and then waits for the job, which this
 * claim holds: that would be a deadlock, and Postgres might fail the other session.
 * @returns null: the task has another job now, or does not wait or run
 * @throws an error of `isRowHeld` when another session is changing the task
 */
export async function takeTask(
  tx: Tx,
  rowId: string,
  jobId: string,
  instance: string,
): Promise<AttemptRow | null> {
  const row = await tx
    .with('held', (held) =>
      held
        .selectFrom('tasks')
        .select(['id', 'instance', 'claim'])
        .where('id', '=', rowId)
        .forUpdate()
        .noWait(),
    )
    .updateTable('tasks')
    .from('held')
    .set((eb) => ({
      task_status: 'processing',
      fence: eb('tasks.fence', '+', 1),
      attempts: eb('tasks.attempts', '+', 1),
      instance,
      stage: 'prepare',
      progress: 0,
      started_at: sql<Date>`now()`,
      traceparent: sql<string>`CASE WHEN tasks.traceparent ~ ${TRACEPARENT.source} THEN tasks.traceparent
        ELSE ${newTraceparent()} END`,
      status_note: sql<
        string | null
      >`CASE WHEN tasks.task_status = 'processing' AND tasks.takeovers > tasks.crashes
        THEN format('taken over %s times since it was queued, without proof that it crashes its workers so often',
                    tasks.takeovers + 1) END`,
    }))
    .whereRef('tasks.id', '=', 'held.id')
    .where('tasks.job_id', '=', jobId)
    .where('tasks.task_status', 'in', ['uploaded', 'processing'])
    .returning(ATTEMPT_COLUMNS)
    .executeTakeFirst();
  if (row === undefined) return null;
  // Checks and triggers of the table guarantee these values, unless they were switched off.
  const { task_id: taskId, traceparent, ...columns } = row;
  return {
    ...columns,
    task_id: taskId,
    trace: must(
      parseTraceparent(traceparent),
      `the traceparent of task ${taskId}, which the claim has checked`,
    ),
    claim: must(row.claim, `the claim of task ${taskId}, which a trigger of "tasks" makes`),
    lang: must(row.lang, `lang of task ${taskId}, which a check of "tasks" asks for`),
    task_path: must(row.task_path, `task_path of task ${taskId}, which a check of "tasks" asks for`),
  };
}

/**
 * Identifies one attempt. Every write to a running task has it as its condition: if no row is changed, the task is lost.
 * The number alone is not enough: after a failover that lost commits, another attempt may get the same number.
 */
export interface Fence {
  /** `tasks.id`. */
  readonly id: string;
  readonly fence: number;
  /** The unique name of the attempt. */
  readonly claim: string;
}

/** A fence with the `task_id`, for messages and logs. */
export interface NamedFence extends Fence {
  readonly task_id: string;
}

/** The condition that a row still belongs to an attempt and has this status. */
function isAttempt({ id, fence, claim }: Fence, task_status: TaskStatus) {
  return (eb: ExpressionBuilder<Database, 'tasks'>) => eb.and({ id, fence, claim, task_status });
}

export interface Counts {
  readonly no_of_files: number;
  readonly no_of_tiers: number;
  readonly words: number;
  readonly missing_words: number;
  readonly audio_seconds: number;
  readonly size_bytes: number;
}

/**
 * Locks the row of a running task until the transaction ends. A transaction that ends an attempt does this first: a session that
 * cancels the task locks row and job in the same order, so there is no deadlock.
 * @returns false: the task is lost
 */
export async function holdTask(tx: Tx, attempt: Fence): Promise<boolean> {
  const row = await tx
    .selectFrom('tasks')
    .select('id')
    .where(isAttempt(attempt, 'processing'))
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

export interface TaskState {
  readonly status: TaskStatus;
  readonly fence: number;
  readonly instance: string | null;
}

/** The current state of a task, for the log of an attempt that lost it. @returns null: its row is deleted */
export async function readTaskState(db: Db, rowId: string): Promise<TaskState | null> {
  const row = await db
    .selectFrom('tasks')
    .select(['task_status as status', 'fence', 'instance'])
    .where('id', '=', rowId)
    .executeTakeFirst();
  return row ?? null;
}

/** Writes the progress of the attempt. @param progress - 0 to 1 @returns false: the task is lost */
export async function noteProgress(
  db: Db,
  attempt: Fence,
  stage: StageName,
  progress: number,
  counts: Counts | null,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tasks')
    .set({ stage, progress, ...counts })
    .where(isAttempt(attempt, 'processing'))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export interface AttemptEnd {
  readonly task_status: TaskStatus;
  readonly status_note: string | null;
  readonly download_path?: string;
  readonly download_name?: string;
  readonly log_path?: string;
  /** The error of the attempt; null: there is none; left out: the row keeps its error. */
  readonly error?: { readonly code: string; readonly faults: readonly Fault[] } | null;
  readonly warnings?: readonly Warning[];
  /** Whether the attempt counts. An attempt that was handed back does not count. */
  readonly isAttemptUsed: boolean;
  readonly counts?: Counts | null;
}

/** Makes the commit of a transaction wait for the disk and the synchronous standbys, whatever the server's default is. */
export async function makeDurable(tx: Tx): Promise<void> {
  await sql`SET LOCAL synchronous_commit = on`.execute(tx);
}

function errorColumns(error: NonNullable<AttemptEnd['error']> | null) {
  if (error === null) return { error_code: null, error_message: null, faults: '[]' };
  const { code, faults } = error;
  return {
    error_code: code,
    error_message: rowMessage(faults),
    faults: rowFindings(faults, 'error_message has the texts of all'),
  };
}

/** Ends the attempt. @returns false: the task is lost, and the caller must roll back */
export async function endAttempt(tx: Tx, attempt: Fence, end: AttemptEnd): Promise<boolean> {
  const { isAttemptUsed, error, warnings, counts, status_note, ...columns } = end;
  const { numUpdatedRows } = await tx
    .updateTable('tasks')
    .set({
      ...columns,
      ...counts,
      status_note: status_note === null ? null : rowNote(status_note),
      ...(error === undefined ? {} : errorColumns(error)),
      ...(warnings === undefined
        ? {}
        : { warnings: rowFindings(warnings, 'README.txt and manifest.json in the result have all') }),
      ...(isAttemptUsed ? {} : { attempts: sql<number>`attempts - 1` }),
      ...(end.task_status === 'completed' ? { stage: 'cleanup' as const, progress: 1 } : {}),
    })
    .where(isAttempt(attempt, 'processing'))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Writes why a task that this attempt handed back still waits. Changes nothing if another attempt has it. */
export async function noteNotTaken(db: Db, attempt: Fence, note: string): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ status_note: rowNote(note) })
    .where(isAttempt(attempt, 'uploaded'))
    .execute();
}

/** Whether this attempt has completed the task: after a lost answer to COMMIT, only the row tells. */
export async function hasCompleted(db: Db, attempt: Fence): Promise<boolean> {
  const row = await db
    .selectFrom('tasks')
    .select('id')
    .where(isAttempt(attempt, 'completed'))
    .executeTakeFirst();
  return row !== undefined;
}

export interface FileRow {
  readonly kind: FileKind;
  readonly path: string;
  readonly original_name: string;
  readonly sha256: string | null;
  readonly bytes: number | null;
  /** Of a recording: its version when it was read, see `fileVersion`; otherwise null. */
  readonly version: string | null;
}

/** Writes the files of a task. A file that is listed already is updated, and its receipt is deleted. */
export async function listFiles(tx: Tx, rowId: string, files: readonly FileRow[]): Promise<void> {
  if (files.length === 0) return;
  await tx
    .insertInto('task_files')
    .values(files.map((file) => ({ task: rowId, ...file })))
    .onConflict((conflict) =>
      conflict.constraint('file_listed_once').doUpdateSet((eb) => ({
        kind: eb.ref('excluded.kind'),
        sha256: eb.ref('excluded.sha256'),
        bytes: eb.ref('excluded.bytes'),
        version: eb.ref('excluded.version'),
        deleted_at: null,
      })),
    )
    .execute();
}
