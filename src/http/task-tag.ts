import { createHash } from 'node:crypto';
import type { ListedTask } from '../db/task-list.ts';
import type { taskJson } from './task-json.ts';

/** Of these, what is shown changes with what other tasks do, and with time. */
const OPEN: ReadonlySet<string> = new Set(['uploaded', 'processing']);
const SHOWN_CHARS = 12;

/**
 * What tells a task as it is shown from a later one. It begins with the version of the row, which a change of the task is made
 * of; the rest says what else is shown.
 */
export function taskTag({ version, task_status }: ListedTask, shown: ReturnType<typeof taskJson>): string {
  return OPEN.has(task_status) ? `${version}.${hash(JSON.stringify(shown))}` : version;
}

/** The same of a page of tasks. */
export function listTag(tags: readonly string[], next: string | null): string {
  return hash(JSON.stringify([tags, next]));
}

/** The version of the row that a tag has. */
export function rowVersion(tag: string): string {
  return tag.split('.')[0] ?? '';
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, SHOWN_CHARS);
}
