import type { Finding } from '../base/finding.ts';

/** The JSON of the API, as the page uses it. Times are ISO 8601 in UTC, durations in seconds, sizes in bytes. */

export type Status =
  | 'uploading'
  | 'uploaded'
  | 'processing'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'expired';

export interface Task {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly lang: string;
  readonly engine: string | null;
  readonly status: Status;
  readonly stage: string | null;
  /** From 0 to 1. */
  readonly progress: number;
  readonly priority: number;
  readonly cancel_requested: boolean;
  readonly files: number | null;
  readonly words: number | null;
  readonly missing_words: number | null;
  readonly audio_seconds: number | null;
  readonly size_bytes: number | null;
  readonly created_at: string;
  /** No worker takes it before this time. */
  readonly not_before: string | null;
  readonly queued_at: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly attempts: number;
  readonly note: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly fault_count: number;
  readonly warning_count: number;
  /** Place in the queue: 1 is next. */
  readonly position: number | null;
  readonly seconds_left: number | null;
  readonly result: { readonly name: string; readonly bytes: number | null } | null;
  readonly formats: readonly string[] | null;
}

/** The message of an event stream about a task that is gone. */
export interface Gone {
  readonly id: string;
  readonly status: 'deleted';
}

export interface TaskDetail extends Task {
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly options: Readonly<Record<string, unknown>> | null;
}

export interface TaskList {
  readonly tasks: readonly Task[];
  readonly next: string | null;
}

export interface TaskCount {
  readonly count: number;
  readonly by_status: Readonly<Partial<Record<Status, number>>>;
  /** False: there may be more. */
  readonly complete: boolean;
}

export interface Session {
  readonly user: string;
  readonly role: 'user' | 'viewer' | 'operator';
  readonly mode: 'local' | 'proxy' | 'token';
  readonly version: string;
  readonly limits: { readonly max_files?: number; readonly max_task_bytes?: number };
  readonly formats: { readonly known: readonly string[]; readonly default: readonly string[] };
  readonly keep_sound_sec?: number;
  /** Of the user's files; null: there is no limit. */
  readonly quota: { readonly used_bytes: number; readonly limit_bytes: number } | null;
}

export interface Language {
  readonly code: string;
  readonly name: string;
  readonly engines: readonly string[];
  readonly words?: number | null;
  readonly alphabet?: string;
  readonly phones_url?: string | null;
}

export interface TaskFile {
  readonly name: string;
  readonly bytes: number;
  readonly complete: boolean;
  readonly sha256?: string | null;
}

export interface UnknownWord {
  readonly word: string;
  readonly count: number;
  readonly place?: Finding['place'];
  readonly near: readonly string[];
  readonly guesses: readonly (readonly string[])[];
}

/** The document of `autophon check --json`. */
export interface CheckReport {
  readonly ready: boolean;
  readonly lang: string;
  readonly engine: string;
  readonly recordings: number;
  readonly recordingsReady: number;
  readonly words: number;
  readonly wordsUnknown: number;
  readonly audioSec: number;
  /** Of one core; null: not known for this engine. */
  readonly estimatedSec: number | null;
  readonly unknown: readonly UnknownWord[];
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
}

export type ActionName = 'cancel' | 'retry' | 'delete' | 'priority';

/** An action on all tasks that match a filter. Numbers are null until it is done. */
export interface Action {
  readonly id: string;
  readonly action: ActionName;
  readonly user: string;
  readonly done: boolean;
  readonly total: number | null;
  readonly changed: number | null;
  /** Tasks whose status does not allow it. */
  readonly skipped: number | null;
  /** Why nothing was done. */
  readonly error: string | null;
  readonly created_at: string;
}

export interface ResultFile {
  readonly name: string;
  readonly bytes: number;
}

export interface HistoryEvent {
  readonly at: string;
  readonly to_status: Status;
  readonly stage: string | null;
  /** Number of the attempt; 0: none has begun. */
  readonly fence: number;
  readonly instance: string | null;
  readonly note: string | null;
}

/** A program that is told of the end of a task. */
export interface Delivery {
  readonly kind: 'webhook' | 'command';
  readonly url: string | null;
  readonly state: 'waiting' | 'delivered' | 'given up';
  readonly next_at: string;
  readonly finished_at: string | null;
  /** Time of the last attempt. */
  readonly answer: string | null;
}

export interface History {
  readonly events: readonly HistoryEvent[];
  readonly deliveries: readonly Delivery[];
}

export type Window = 'hour' | 'day' | 'week';

/** Tasks of an engine that wait. */
export interface Waiting {
  readonly engine: string;
  readonly ready: number;
  /** They wait for the time of their next attempt. */
  readonly delayed: number;
  readonly oldest_waits_sec: number | null;
  /** They wait for the time that their user has chosen. */
  readonly later: number;
}

export interface Statistics {
  readonly bucket_seconds: number;
  readonly waiting: readonly Waiting[];
  /** Oldest first. */
  readonly buckets: readonly {
    readonly at: string;
    readonly completed: number;
    readonly failed: number;
    readonly cancelled: number;
  }[];
  /** The most frequent first. */
  readonly failures: readonly { readonly code: string | null; readonly count: number }[];
}

/** Something that an operator has paused. */
export interface Pause {
  readonly id: string;
  /** Null: all. */
  readonly engine: string | null;
  /** Null: all workers. */
  readonly instance: string | null;
  readonly host: string | null;
  /** The worker ends when its tasks have ended. */
  readonly drain: boolean;
  readonly reason: string | null;
  readonly by: string;
  readonly since: string;
}

/** A worker that runs. */
export interface Instance {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string | null;
  readonly started_at: string;
  readonly slots: number;
  readonly busy: number;
  readonly engines: Readonly<Record<string, { readonly state: string; readonly note: string | null }>> | null;
  /** Why it takes no tasks. */
  readonly paused: string | null;
  readonly paused_since: string | null;
}
