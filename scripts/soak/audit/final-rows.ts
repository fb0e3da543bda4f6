import type { Server } from '../server.ts';

/** The content of the database at the end. */
export interface FinalRows {
  readonly tasks: readonly TaskRow[];
  readonly events: ReadonlyMap<string, readonly EventRow[]>;
  readonly files: ReadonlyMap<string, readonly FileRow[]>;
  /** `from>to`, from task_status_edges. */
  readonly edges: ReadonlySet<string>;
  /** Jobs that wait or run. */
  readonly openJobCount: number;
  /** Names of deleted tasks whose files have not been removed yet. */
  readonly toRemove: readonly string[];
  /** Ids of instances. */
  readonly instances: ReadonlySet<string>;
}

export interface TaskRow {
  readonly id: string;
  readonly task_id: string;
  readonly user_uuid: string;
  readonly task_path: string;
  readonly task_status: string;
  readonly stage: string | null;
  readonly fence: number;
  /** Name of the last attempt. */
  readonly claim: string | null;
  readonly attempts: number;
  readonly crashes: number;
  readonly instance: string | null;
  readonly download_path: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly created_at: Date;
}

export interface EventRow {
  readonly task: string;
  readonly at: Date;
  readonly from_status: string | null;
  readonly to_status: string;
  readonly stage: string | null;
  readonly fence: number;
  readonly instance: string | null;
  readonly note: string | null;
}

export interface FileRow {
  readonly task: string;
  readonly kind: string;
  readonly path: string;
  readonly sha256: string | null;
  readonly deleted_at: Date | null;
}

/** A state that must not occur. */
export interface Violation {
  readonly rule: Rule;
  readonly taskId: string | null;
  readonly message: string;
}

export type Rule =
  | 'every task is there'
  | 'every task has ended'
  | 'every end is explained'
  | 'no task fails for missing files that are there'
  | 'a crash is the death of a worker'
  | 'a notification ends nothing'
  | 'every attempt is settled, whatever was said'
  | 'history explains the row'
  | 'a result is published once, by the last fence'
  | 'a result is whole'
  | 'nothing of a lost fence is left'
  | 'nothing of a deleted task is left'
  | 'inputs are kept until success, audio deleted with a receipt after it'
  | 'a receipt is for a file that is gone'
  | 'only the own UPLOADS is touched'
  | 'a pooler is refused with clear words, or works'
  | 'no process, temp folder or file is left'
  | 'the queue is empty'
  | 'an instance ends when told to, and not before';

export type Finding = Omit<Violation, 'taskId'>;

/** Deleted tasks with files to remove. A folder that another task uses stays as long as that task. */
export const REMOVABLE =
  'deleted_tasks WHERE NOT EXISTS (SELECT FROM tasks WHERE tasks.task_path = deleted_tasks.task_path)';

export async function readFinalRows({ ask }: Pick<Server, 'ask'>): Promise<FinalRows> {
  const tasks = await ask<TaskRow>(
    `SELECT id, task_id, user_uuid, task_path, task_status, stage, fence, to_jsonb(tasks) ->> 'claim' AS claim, attempts,
            crashes, instance, download_path, error_code, error_message, created_at FROM tasks ORDER BY id`,
  );
  const events = await ask<EventRow>(
    'SELECT task, at, from_status, to_status, stage, fence, instance, note FROM task_events ORDER BY id',
  );
  const files = await ask<FileRow>('SELECT task, kind, path, sha256, deleted_at FROM task_files ORDER BY id');
  const edges = await ask<{ from_status: string; to_status: string }>(
    'SELECT from_status, to_status FROM task_status_edges',
  );
  const [jobs] = await ask<{ n: number }>(
    "SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'align' AND state IN ('created', 'retry', 'active')",
  );
  const removals = await ask<{ task_id: string }>(`SELECT task_id FROM ${REMOVABLE}`);
  const instances = await ask<{ id: string }>('SELECT id FROM instances');
  return {
    tasks,
    events: Map.groupBy(events, ({ task }) => task),
    files: Map.groupBy(files, ({ task }) => task),
    edges: new Set(edges.map(({ from_status, to_status }) => `${from_status}>${to_status}`)),
    openJobCount: jobs?.n ?? 0,
    toRemove: removals.map(({ task_id }) => task_id),
    instances: new Set(instances.map(({ id }) => id)),
  };
}
