import { useEffect, useRef } from 'preact/hooks';
import { addressOf, ask } from './api.ts';
import { apiFilter, type Filter, formatFilter, matches } from './filter.ts';
import { listen } from './live.ts';
import { type Loaded, useLoaded } from './parts/load.ts';
import type { Gone, Task, TaskList } from './types.ts';

const PAGE_SIZE = 50;
/** The largest page that the server sends. */
const MOST_AT_A_TIME = 500;
/** A search with few results stops after this number of answers. Then the user decides whether it goes on. */
const MOST_ANSWERS = 20;
const RELOAD_MS = 2_000;
/** How often places in the queue are requested while a task waits; for a long list less often. */
const PLACES_MS = 5_000;

export interface LiveTasks extends Loaded<TaskList> {
  readonly more: () => Promise<void>;
}

/** Tasks that match a filter, the newest first; changes appear by themselves. */
export function useTasks(filter: Filter): LiveTasks {
  const key = formatFilter(filter);
  const shown = useRef({ key, count: PAGE_SIZE });
  if (shown.current.key !== key) shown.current = { key, count: PAGE_SIZE };
  const loaded = useLoaded<TaskList>(key, (signal) =>
    readTasks(filter, null, () => shown.current.count, signal),
  );
  const { value, reload, change } = loaded;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let lastManyMs = Number.NEGATIVE_INFINITY;
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = null;
        reload();
      }, RELOAD_MS);
    };
    const stop = listen({
      task: (task) => {
        change((list) => {
          const merged = mergeTask(list, task, filter);
          if (merged === null) soon();
          return merged ?? list;
        });
      },
      many: () => {
        // While thousands change, messages arrive many times a second.
        if (performance.now() - lastManyMs < RELOAD_MS) return soon();
        lastManyMs = performance.now();
        reload();
      },
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [key]);
  const isWaiting = value?.tasks.some(({ status }) => status === 'uploaded') === true;
  const hundreds = Math.ceil((value?.tasks.length ?? 0) / 100);
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => {
      // A page in the background sends no requests.
      if (!document.hidden) reload();
    }, PLACES_MS * hundreds);
    return () => clearInterval(timer);
  }, [isWaiting, hundreds]);
  const more = async (): Promise<void> => {
    if (value?.next === null || value === null) return;
    // At the start, so that a list which is being read again becomes as long.
    const step = Math.max(PAGE_SIZE, Math.min(MOST_AT_A_TIME, value.tasks.length));
    shown.current = { key, count: value.tasks.length + step };
    const page = await readTasks(filter, value.next, () => step);
    change((list) => {
      const known = new Set(list.tasks.map(({ id }) => id));
      const older = page.tasks.filter(({ id }) => !known.has(id));
      return older.length === 0 && page.next === list.next
        ? list
        : { tasks: [...list.tasks, ...older], next: page.next };
    });
  };
  return { ...loaded, more };
}

/** @returns null: only the server knows whether the task belongs into the list, or where */
function mergeTask(list: TaskList, changed: Task | Gone, filter: Filter): TaskList | null {
  const at = list.tasks.findIndex(({ id }) => id === changed.id);
  if (changed.status === 'deleted') {
    return at < 0 ? list : { ...list, tasks: list.tasks.filter(({ id }) => id !== changed.id) };
  }
  const old = list.tasks[at];
  const belongs = matches(changed, filter);
  if (old === undefined) return belongs === false ? list : belongs === null ? null : added(list, changed);
  if (belongs === false) return { ...list, tasks: list.tasks.filter((task) => task !== old) };
  const task = {
    ...changed,
    position: changed.position ?? (changed.status === 'uploaded' ? old.position : null),
  };
  return { ...list, tasks: list.tasks.with(at, task) };
}

/** A new task is the newest, unless it is an old one that an earlier page of the list would have shown. */
function added(list: TaskList, task: Task): TaskList | null {
  const [newest] = list.tasks;
  if (newest !== undefined && task.created_at <= newest.created_at) {
    const oldest = list.tasks.at(-1);
    return list.next !== null && oldest !== undefined && task.created_at < oldest.created_at ? list : null;
  }
  return { ...list, tasks: [task, ...list.tasks] };
}

/**
 * At least this number, unless there are fewer or the search takes too long. So a list that is read again stays as long
 * as it was.
 * @param from - where to begin; null: at the newest
 */
async function readTasks(
  filter: Filter,
  from: string | null,
  count: () => number,
  signal?: AbortSignal,
): Promise<TaskList> {
  const tasks: Task[] = [];
  let next = from;
  let answers = 0;
  do {
    const limit = Math.min(MOST_AT_A_TIME, count() - tasks.length);
    const page: TaskList = await ask(
      listAddress(filter, limit, next),
      signal === undefined ? {} : { signal },
    );
    tasks.push(...page.tasks);
    next = page.next;
    answers++;
  } while (next !== null && tasks.length < count() && answers < MOST_ANSWERS);
  return { tasks, next };
}

function listAddress(filter: Filter, limit: number, cursor: string | null): string {
  const query = new URLSearchParams({ ...apiFilter(filter), limit: String(limit) });
  if (cursor !== null) query.set('cursor', cursor);
  return `${addressOf('tasks')}?${query}`;
}
