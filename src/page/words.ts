import { formatCount, plural } from '../base/count-text.ts';
import { shortId } from '../base/short-id.ts';
import { formatDuration } from '../base/time.ts';
import { findingText } from './parts/finding-words.ts';
import { exactTime } from './times.ts';
import type { Status, Task } from './types.ts';

/** A status in plain words, and the mark that shows it without colour. */
export interface StatusWords {
  readonly word: string;
  readonly mark: string;
  readonly tone: 'quiet' | 'waiting' | 'running' | 'done' | 'failed';
}

export const STATUS_WORDS: Readonly<Record<Status, StatusWords>> = {
  uploading: { word: 'draft', mark: '◌', tone: 'quiet' },
  uploaded: { word: 'waiting', mark: '○', tone: 'waiting' },
  processing: { word: 'running', mark: '◐', tone: 'running' },
  completed: { word: 'done', mark: '●', tone: 'done' },
  failed: { word: 'failed', mark: '▲', tone: 'failed' },
  cancelled: { word: 'cancelled', mark: '–', tone: 'quiet' },
  expired: { word: 'deleted', mark: '×', tone: 'quiet' },
};

const STAGE_WORDS: Readonly<Record<string, string>> = {
  prepare: 'checking the files',
  align: 'aligning',
  package: 'writing the result',
  cleanup: 'cleaning up',
};

/** Plain names of the result formats. */
export const FORMAT_WORDS: Readonly<Record<string, string>> = {
  textgrid: 'TextGrid for Praat',
  short: 'short TextGrid for Praat',
  csv: 'table of all phones (CSV)',
  eaf: 'ELAN file',
  json: 'JSON',
  vtt: 'subtitles (WebVTT)',
  srt: 'subtitles of words (SRT)',
  emu: 'database for emuR',
  par: 'BAS Partitur file',
};

/** `1st`, `2nd`, `11th` @internal */
export function ordinal(place: number): string {
  const tens = place % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${formatCount(place)}${ending}`;
}

export function stageWords(stage: string | null): string {
  return stage === null ? 'starting' : (STAGE_WORDS[stage] ?? stage);
}

/** The text about a task beside its status, in one short line. */
export function describeState(task: Task): string {
  switch (task.status) {
    case 'uploading':
      return 'not queued yet';
    case 'uploaded':
      return joined([laterWords(task), placeWords(task.position), leftWords(task), task.note]);
    case 'processing':
      if (task.cancel_requested) return 'being cancelled';
      return joined([stageWords(task.stage), `${Math.floor(task.progress * 100)} %`, leftWords(task)]);
    case 'completed':
      return joined([
        task.warning_count > 0 ? plural(task.warning_count, 'warning') : null,
        task.missing_words !== null && task.missing_words > 0
          ? plural(task.missing_words, 'word not aligned', 'words not aligned')
          : null,
      ]);
    case 'failed':
      return findingText(task.error?.message ?? '');
    default:
      return task.note ?? '';
  }
}

function laterWords({ not_before: at }: Task): string | null {
  return at === null || Date.parse(at) <= Date.now() ? null : `not before ${exactTime(at)}`;
}

function placeWords(position: number | null): string | null {
  if (position === null) return null;
  return position <= 1 ? 'next in line' : `${ordinal(position)} in line`;
}

function leftWords({ seconds_left: left }: Task): string | null {
  return left === null ? null : `about ${roughDuration(left)} left`;
}

/** A duration without seconds once it has minutes. */
export function roughDuration(sec: number): string {
  if (sec < 60) return `${Math.max(1, Math.round(sec))} s`;
  if (sec < 3600) return `${Math.round(sec / 60)} min`;
  return formatDuration(sec);
}

function joined(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join(', ');
}

/** The name of a task. A UUID that is used as name is cut. */
export function taskName({ name, id }: Pick<Task, 'name' | 'id'>): string {
  return name !== id ? name : shortId(id);
}
