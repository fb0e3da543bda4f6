import { formatCount, plural } from '../../base/count-text.ts';
import { addressOf, ask, Problem } from '../api.ts';
import { apiFilter, type Filter } from '../filter.ts';
import type { Action, ActionName, Status } from '../types.ts';

export interface ActionWords {
  /** On the button. */
  readonly verb: string;
  /** The past form, for tasks to which it was done. */
  readonly done: string;
  /** Statuses in which it can be done; none: in all. */
  readonly from: readonly Status[];
}

export const ACTION_WORDS: Readonly<Record<Exclude<ActionName, 'priority'>, ActionWords>> = {
  cancel: { verb: 'Cancel', done: 'cancelled', from: ['uploaded', 'processing'] },
  retry: { verb: 'Try again', done: 'queued again', from: ['failed', 'cancelled'] },
  delete: { verb: 'Delete', done: 'deleted', from: [] },
};

export type PlainAction = keyof typeof ACTION_WORDS;

const POLL_MS = 400;

/** Codes of answers to a request for one task that cannot be changed: it is gone, or has another status. */
const PASSED_OVER: ReadonlySet<number> = new Set([404, 409, 422]);

/** On a button, or in the history. */
export function verbOf(action: ActionName): string {
  return action === 'priority' ? 'Change the priority' : ACTION_WORDS[action].verb;
}

/**
 * Changes the tasks of a list, with one request each.
 * @returns how many were changed
 * @throws Problem
 */
export async function actOnSome(action: PlainAction, ids: readonly string[]): Promise<number> {
  let changed = 0;
  for (const id of ids) {
    const address = action === 'delete' ? addressOf('tasks', id) : addressOf('tasks', id, action);
    try {
      await ask(address, { method: action === 'delete' ? 'DELETE' : 'POST' });
      changed++;
    } catch (error) {
      if (!(error instanceof Problem && PASSED_OVER.has(error.status))) throw error;
    }
  }
  return changed;
}

/**
 * Changes all tasks that match, in the background of the server.
 * @param count - the number that the user saw: the server refuses if it has changed
 * @throws Problem
 */
export async function actOnAll(action: PlainAction, filter: Filter, count: number): Promise<Action> {
  const body = { action, filter: apiFilter(filter), expected_count: count };
  let now = await ask<Action>(addressOf('actions'), { method: 'POST', body });
  while (!now.done) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    now = await ask<Action>(addressOf('actions', now.id));
  }
  if (now.error !== null) throw new Problem(500, '', now.error);
  return now;
}

/** `412 tasks cancelled, 3 left as they were` */
export function outcomeWords(action: ActionName, changed: number, skipped: number): string {
  const done = action === 'priority' ? 'changed' : ACTION_WORDS[action].done;
  const said = `${plural(changed, 'task')} ${done}`;
  return skipped === 0 ? said : `${said}, ${formatCount(skipped)} left as they were`;
}
