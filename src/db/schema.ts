import type { ColumnType, Generated } from 'kysely';
import type { Fault, Warning } from '../base/errors.ts';
import type { Search, SitePolicy } from '../base/site-policy.ts';
import type { StageName } from '../base/stage-name.ts';
import type { DeliveriesTable, WebhooksTable } from './delivery-tables.ts';
import type { ImportedDictionariesTable, ImportedTasksTable } from './import-tables.ts';
import type { LearnedTimesTable } from './learned-tables.ts';
import type { PausesTable } from './pause-tables.ts';
import type { WebTokensTable } from './token-tables.ts';

/** The tables of migrations/, as types for Kysely. */
export interface Database {
  tasks: TasksTable;
  actions: ActionsTable;
  pauses: PausesTable;
  task_files: TaskFilesTable;
  task_events: TaskEventsTable;
  task_stages: TaskStagesTable;
  task_status_edges: TaskStatusEdgesTable;
  task_takeovers: TaskTakeoversTable;
  attempt_deaths: AttemptDeathsTable;
  deleted_tasks: DeletedTasksTable;
  deliveries: DeliveriesTable;
  instances: InstancesTable;
  engines: EnginesTable;
  languages: LanguagesTable;
  chores: ChoresTable;
  jobs_checked: JobsCheckedTable;
  learned_times: LearnedTimesTable;
  limits: LimitsTable;
  queue_front: QueueFrontTable;
  site: SiteTable;
  web_tokens: WebTokensTable;
  webhooks: WebhooksTable;
  imported_tasks: ImportedTasksTable;
  imported_dictionaries: ImportedDictionariesTable;
}

export const TASK_STATUSES = [
  'uploading',
  'uploaded',
  'processing',
  'completed',
  'failed',
  'cancelled',
  'expired',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** pg returns a bigint as text. Ids are only passed on, so they stay text. */
type Id = string;
type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type Json<T> = ColumnType<T, string | undefined, string>;

/** See docs/database.md, "Columns of `tasks`". */
export type PartialResults = SitePolicy['partialResults'];
export type Speakers = 'tiers' | 'names';

export interface TasksTable {
  id: Generated<Id>;
  task_id: Generated<string>;
  user_uuid: string;
  lang: string | null;
  engine: string | null;
  task_status: Generated<TaskStatus>;
  priority: Generated<number>;
  task_path: string | null;
  download_path: string | null;
  download_name: string | null;
  log_path: string | null;
  stage: StageName | null;
  progress: Generated<number>;
  fence: Generated<number>;
  claim: Generated<string | null>;
  attempts: Generated<number>;
  crashes: Generated<number>;
  takeovers: Generated<number>;
  instance: string | null;
  job_id: string | null;
  status_note: string | null;
  error_code: string | null;
  error_message: string | null;
  faults: Json<Fault[]>;
  warnings: Json<Warning[]>;
  no_of_files: number | null;
  no_of_tiers: number | null;
  words: number | null;
  missing_words: number | null;
  audio_seconds: number | null;
  size_bytes: ColumnType<string | null, number | null | undefined, number | null>;
  cancel_requested: Generated<boolean>;
  trans_choice: string | null;
  partial_results: PartialResults | null;
  speakers: Generated<Speakers>;
  search: Search | null;
  channels: string | null;
  formats: string | null;
  columns: string | null;
  /** Workers may take it from then on; null: at once. */
  not_before: Timestamp | null;
  name: string | null;
  notify_url: string | null;
  request_hash: string | null;
  traceparent: string | null;
  queued_at: Timestamp | null;
  started_at: Timestamp | null;
  finished_at: Timestamp | null;
  inputs_deleted_at: Timestamp | null;
  results_tidy: Generated<boolean>;
  removal_started_at: Timestamp | null;
  removal_xid: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** `textgrid`: a transcript, in rows older than migration 0008. `held`: a user dictionary, which is kept for the user. */
export type FileKind = 'audio' | 'transcript' | 'textgrid' | 'held' | 'output' | 'log';

interface TaskFilesTable {
  id: Generated<Id>;
  task: Id;
  kind: FileKind;
  path: string;
  original_name: string;
  sha256: string | null;
  bytes: ColumnType<string | null, number | null, number | null>;
  version: string | null;
  created_at: Timestamp;
  deleted_at: Timestamp | null;
}

interface TaskEventsTable {
  id: Generated<Id>;
  task: Id;
  at: Timestamp;
  from_status: TaskStatus | null;
  to_status: TaskStatus;
  stage: StageName | null;
  fence: number;
  instance: string | null;
  note: string | null;
}

interface TaskStagesTable {
  task: Id;
  fence: number;
  stage: StageName;
  started_at: Timestamp;
  finished_at: Timestamp | null;
  seconds: number | null;
  outcome: string | null;
}

export type ActionKind = 'cancel' | 'retry' | 'delete' | 'priority';

interface ActionsTable {
  id: Generated<Id>;
  user_uuid: string;
  action: ActionKind;
  priority: number | null;
  filter: Json<TaskFilter<string>>;
  expected_count: number;
  created_at: Timestamp;
  ended_at: ColumnType<Date | null, Date | null | undefined, Date>;
  total: number | null;
  changed: number | null;
  error: string | null;
  reached: ColumnType<string | null, never, string | null>;
}

/** Which tasks are wanted. Null: no condition. @typeParam Time - `Date`, or `string` in JSON */
export interface TaskFilter<Time = Date> {
  readonly user: string | null;
  readonly statuses: readonly TaskStatus[] | null;
  readonly errorCode: string | null;
  /** The beginning of a code is enough: `engUS` finds the language with any engine. */
  readonly lang: string | null;
  readonly engine: string | null;
  /** A whole id, which finds only this task; otherwise the beginning of an id, or a part of the name in any case. */
  readonly search: string | null;
  /** The earliest `created_at`. */
  readonly since: Time | null;
  /** The end of the range of `created_at`, exclusive. */
  readonly before: Time | null;
}

interface InstancesTable {
  id: string;
  host: string;
  pid: number;
  version: string;
  started_at: Timestamp;
  seen_at: Timestamp;
  stopped_at: Timestamp | null;
  died_at: Timestamp | null;
  slots: number;
  busy: Generated<number>;
  engines: Json<Record<string, InstanceEngine>>;
  paused: string | null;
  paused_since: Timestamp | null;
  runs_done_command: Generated<boolean>;
}

export interface InstanceEngine {
  readonly state: string;
  readonly version: string | null;
  readonly note: string;
  /** Only if it is not ready: the last time when it was ready, or may have been. */
  readonly readyUntil?: string;
}

interface DeletedTasksTable {
  id: Id;
  task_id: string;
  user_uuid: string;
  task_path: string | null;
  deleted_at: Timestamp;
  recorded_at: Timestamp;
  tried_at: Timestamp | null;
}

interface SiteTable {
  only_row: Generated<boolean>;
  id: Generated<string>;
  bound_at: Timestamp | null;
}

interface EnginesTable {
  name: string;
  state: string;
  version: string | null;
  note: string;
  seen_at: Timestamp;
}

interface LanguagesTable {
  code: string;
  engine: string;
  display_name: string;
  alphabet: string;
  is_active: boolean;
  seen_at: Timestamp;
}

interface TaskStatusEdgesTable {
  from_status: TaskStatus;
  to_status: TaskStatus;
}

interface TaskTakeoversTable {
  task: Id;
  fence: number;
  claim: string | null;
  instance: string;
  at: Timestamp;
}

interface AttemptDeathsTable {
  task: Id;
  claim: string;
  at: Timestamp;
}

interface ChoresTable {
  name: string;
  run_at: Timestamp;
  every_sec: Generated<number>;
  succeeded_at: Timestamp | null;
  seconds: number | null;
  failed_at: Timestamp | null;
  error: string | null;
  instance: string | null;
}

interface JobsCheckedTable {
  only_row: Generated<boolean>;
  engine: Generated<string>;
  queued_at: Timestamp;
  id: Generated<Id>;
}

interface LimitsTable {
  only_row: Generated<boolean>;
  user_open_tasks: Generated<number>;
}

/** Only src/queue/queue.sql uses it. */
interface QueueFrontTable {
  only_row: Generated<boolean>;
  first_rank: string;
  changes: string;
  running: string[] | null;
  noted_at: Generated<Date>;
}
