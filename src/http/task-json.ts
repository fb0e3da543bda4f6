import { isLater } from '../base/time.ts';
import { estimateLeftSec } from '../base/time-left.ts';
import type { Forecast } from '../db/forecasts.ts';
import type { ListedTask, readTaskDetails } from '../db/task-list.ts';

type Details = NonNullable<Awaited<ReturnType<typeof readTaskDetails>>>;

/**
 * A task as the API shows it.
 * @param forecast - null: the task is not open, or no forecast is needed
 */
export function taskJson(task: ListedTask, forecast: Forecast | null) {
  const { error_code: code, download_path: path, formats } = task;
  return {
    id: task.task_id,
    user: task.user_uuid,
    name: task.name ?? task.download_name ?? task.task_id,
    lang: task.lang,
    engine: task.engine,
    status: task.task_status,
    stage: task.stage,
    progress: task.progress,
    priority: task.priority,
    cancel_requested: task.cancel_requested,
    files: task.no_of_files,
    words: task.words,
    missing_words: task.missing_words,
    audio_seconds: task.audio_seconds,
    size_bytes: toNumber(task.size_bytes),
    created_at: task.created_at,
    not_before: task.not_before,
    queued_at: task.queued_at,
    started_at: task.started_at,
    finished_at: task.finished_at,
    attempts: task.attempts,
    note: task.status_note,
    error: code === null ? null : { code, message: task.error_message },
    fault_count: task.fault_count,
    warning_count: task.warning_count,
    position: positionOf(task, forecast),
    seconds_left: secondsLeft(task, forecast),
    result:
      path === null || task.task_status !== 'completed'
        ? null
        : { name: task.download_name ?? `${task.task_id}.zip`, bytes: toNumber(task.result_bytes) },
    formats: formats === null ? null : formats.split(','),
  };
}

/** The same with fields that may be long. */
export function wholeTaskJson(task: ListedTask, forecast: Forecast | null, details: Details) {
  const {
    faults,
    warnings,
    error_message: message,
    partial_results,
    speakers,
    search,
    channels,
    notify_url,
  } = details;
  const { error, ...short } = taskJson(task, forecast);
  return {
    ...short,
    error: error === null ? null : { ...error, message },
    faults,
    warnings,
    options: { partial_results, speakers, search, channels, notify_url },
  };
}

function positionOf(task: ListedTask, forecast: Forecast | null): number | null {
  const ahead = forecast?.ahead ?? null;
  return ahead === null || isLater(task) ? null : ahead + 1;
}

function secondsLeft(task: ListedTask, forecast: Forecast | null): number | null {
  if (forecast !== null && forecast.left_sec !== null) return Math.round(forecast.left_sec);
  const { task_status, started_at, progress } = task;
  if (task_status !== 'processing' || started_at === null) return null;
  return estimateLeftSec(progress, (Date.now() - started_at.getTime()) / 1000);
}

function toNumber(bytes: string | null): number | null {
  return bytes === null ? null : Number(bytes);
}
