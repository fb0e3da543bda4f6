import { plural } from '../base/count-text.ts';
import { shortId } from '../base/short-id.ts';
import { formatMinute, isLater } from '../base/time.ts';
import type { ListedTask } from '../db/task-list.ts';
import type { Output } from './output.ts';
import { formatPercent } from './progress-bar.ts';
import { formatTable, type ShownColumn } from './table.ts';
import { formatLater, paintStatus } from './task-text.ts';

interface TaskColumn extends ShownColumn {
  readonly cell: (task: ListedTask) => string;
}

/**
 * A table of tasks. On a terminal it is at most as wide as that; elsewhere nothing is cut.
 * @param hasUsers - whether there is a column of users
 */
export function formatTaskList(tasks: readonly ListedTask[], hasUsers: boolean, output: Output): string[] {
  const users: TaskColumn = { title: 'user', shrinks: true, cell: ({ user_uuid }) => user_uuid };
  const columns: readonly TaskColumn[] = [
    { title: 'task', shrinks: true, cell: ({ task_id }) => shortId(task_id) },
    { title: 'status', cell: ({ task_status }) => paintStatus(task_status, output) },
    { title: 'made', cell: ({ created_at }) => formatMinute(created_at) },
    { title: 'language', shrinks: true, cell: ({ lang }) => lang ?? '' },
    ...(hasUsers ? [users] : []),
    { title: 'note', shrinks: true, cell: noteOf },
  ];
  const rows = tasks.map((task) => columns.map(({ cell }) => cell(task)));
  return formatTable(columns, rows, output.isTerminal ? output.columns : null);
}

function noteOf(task: ListedTask): string {
  const { task_status, stage, progress, error_code, warning_count } = task;
  if (task_status === 'uploaded' && isLater(task)) return formatLater(task);
  if (task_status === 'processing') return `${stage ?? ''} ${formatPercent(progress)}`.trim();
  if (error_code !== null) return error_code;
  return warning_count === 0 ? '' : plural(warning_count, 'warning');
}

/** A task of a list as --json shows it. */
export function listedDocument(task: ListedTask) {
  return {
    taskId: task.task_id,
    user: task.user_uuid,
    lang: task.lang,
    engine: task.engine,
    status: task.task_status,
    priority: task.priority,
    stage: task.stage,
    progress: task.progress,
    error: task.error_code === null ? null : { code: task.error_code, message: task.error_message },
    warningCount: task.warning_count,
    files: task.no_of_files,
    words: task.words,
    audioSec: task.audio_seconds,
    downloadPath: task.download_path,
    downloadName: task.download_name,
    createdAt: task.created_at,
    notBefore: task.not_before,
    queuedAt: task.queued_at,
    startedAt: task.started_at,
    finishedAt: task.finished_at,
  };
}
