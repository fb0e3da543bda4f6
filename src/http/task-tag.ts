import { createHash } from 'node:crypto';
import type { ListedTask } from '../db/task-list.ts';
import type { taskJson } from './task-json.ts';

/** For these statuses the answer also depends on other tasks and on time. */
const OPEN: ReadonlySet<string> = new Set(['uploaded', 'processing']);
const SHOWN_CHARS = 12;

/**
 * Tells a task, as it is shown, from later versions. It begins with the version of the row, which conditions of changes
 * refer to. The rest stands for everything else that is shown.
 */
export function taskTag({ version, task_status }: ListedTask, shown: ReturnType<typeof taskJson>): string {
  return OPEN.has(task_status) ? `${version}.${hash(JSON.stringify(shown))}` : version;
}

/** The same for a page of tasks. */
export function listTag(tags: readonly string[], next: string | null): string {
  return hash(JSON.stringify([tags, next]));
}

/** The version of the row in a tag. */
export function rowVersion(tag: string): string {
  return tag.split('.')[0] ?? '';
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, SHOWN_CHARS);
}
