import { plural } from '../base/count-text.ts';
import type { Warning } from '../base/errors.ts';
import { formatFinding } from '../base/finding.ts';
import { splitResultFormats } from '../base/result-kinds.ts';
import { formatDuration, formatMinute } from '../base/time.ts';
import { estimateLeftSec } from '../base/time-left.ts';
import type { TaskStatus } from '../db/schema.ts';
import { MAX_AHEAD, type TaskRow } from '../db/tasks.ts';
import type { TaskPlaces } from '../tasks/describe.ts';
import { formatFault } from './failure.ts';
import type { Output, Style } from './output.ts';

const STATUS_STYLES: Readonly<Record<TaskStatus, Style>> = {
  uploading: 'dim',
  uploaded: 'cyan',
  processing: 'blue',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
  expired: 'dim',
};

export function paintStatus(status: TaskStatus, output: Output): string {
  return output.paint(status, STATUS_STYLES[status]);
}

/** How many tasks are taken before one that waits. */
export function formatAhead(ahead: number): string {
  return `${ahead}${ahead < MAX_AHEAD ? '' : ' or more'} before it in the queue`;
}

/** The time before which a task does not run. */
export function formatLater({ not_before }: Pick<TaskRow, 'not_before'>): string {
  return not_before === null ? '' : `not before ${formatMinute(not_before)}`;
}

/** The place of a task in the queue, and the time until it has ended. @param leftSec - null: not known */
export function joinLeft(place: string, leftSec: number | null): string {
  return leftSec === null ? place : `${place}, about ${formatDuration(leftSec)} left`;
}

/** One line per warning, at most `limit` of them. */
export function formatWarnings(warnings: readonly Warning[], output: Output, limit: number): string[] {
  const lines = warnings
    .slice(0, limit)
    .map((warning) => `${output.paint(warning.code, 'yellow')}  ${formatFinding(warning)}`);
  const more = warnings.length - lines.length;
  return more > 0 ? [...lines, output.paint(`and ${plural(more, 'more warning')}`, 'dim')] : lines;
}

/** The faults that ended a task or its last attempt, one on each line. */
export function formatTaskError({ faults }: TaskRow, output: Output): string[] {
  return faults.map((fault) => formatFault(fault, output));
}

/** Seconds from the claim of its last attempt to its end; null: it has not ended, or never started. @internal */
export function secondsTaken({ started_at, finished_at }: TaskRow): number | null {
  if (started_at === null || finished_at === null) return null;
  return (finished_at.getTime() - started_at.getTime()) / 1000;
}

export function formatSecondsTaken(task: TaskRow): string {
  const seconds = secondsTaken(task);
  return seconds === null ? '' : formatDuration(seconds);
}

/**
 * The time left of a running task: the forecast of the database, otherwise by the task's speed so far; empty: too early.
 */
export function formatLeft({ started_at, progress }: TaskRow, leftSec: number | null): string {
  if (leftSec !== null) return formatDuration(leftSec);
  if (started_at === null) return '';
  const seconds = estimateLeftSec(progress, (Date.now() - started_at.getTime()) / 1000);
  return seconds === null ? '' : formatDuration(seconds);
}

/** A task as --json shows it. */
export function taskDocument(task: TaskRow, places: TaskPlaces) {
  return {
    taskId: task.task_id,
    user: task.user_uuid,
    lang: task.lang,
    engine: task.engine,
    status: task.task_status,
    note: task.status_note,
    priority: task.priority,
    channels: task.channels,
    formats: task.formats === null ? null : splitResultFormats(task.formats),
    columns: task.columns,
    stage: task.stage,
    progress: task.progress,
    fence: task.fence,
    attempts: task.attempts,
    crashes: task.crashes,
    instance: task.instance,
    error: task.error_code === null ? null : { code: task.error_code, message: task.error_message },
    faults: task.faults,
    warnings: task.warnings,
    files: task.no_of_files,
    tiers: task.no_of_tiers,
    words: task.words,
    wordsUnknown: task.missing_words,
    audioSec: task.audio_seconds,
    inputBytes: task.size_bytes === null ? null : Number(task.size_bytes),
    secondsTaken: secondsTaken(task),
    createdAt: task.created_at,
    notBefore: task.not_before,
    notifyUrl: task.notify_url,
    queuedAt: task.queued_at,
    startedAt: task.started_at,
    finishedAt: task.finished_at,
    downloadName: task.download_name,
    ...places,
  };
}
