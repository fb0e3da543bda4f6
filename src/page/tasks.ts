import { useEffect } from 'preact/hooks';
import { addressOf, ask } from './api.ts';
import { apiFilter, type Filter, formatFilter, matches } from './filter.ts';
import { listen } from './live.ts';
import { type Loaded, useLoaded } from './parts/load.ts';
import type { Gone, Task, TaskList } from './types.ts';

const PAGE_SIZE = 50;
const RELOAD_MS = 2_000;
/** How often places in the queue are asked for, while a task waits. */
const PLACES_MS = 5_000;

export interface LiveTasks extends Loaded<TaskList> {
  readonly more: () => Promise<void>;
}

/** Tasks that match a filter, the newest first; changes appear by themselves. */
export function useTasks(filter: Filter): LiveTasks {
  const loaded = useLoaded<TaskList>(formatFilter(filter), (signal) => ask(listAddress(filter), { signal }));
  const { value, reload, change } = loaded;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
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
      many: reload,
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [formatFilter(filter)]);
  const isWaiting = value?.tasks.some(({ status }) => status === 'uploaded') === true;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => {
      // A page that nobody looks at asks for nothing.
      if (!document.hidden) reload();
    }, PLACES_MS);
    return () => clearInterval(timer);
  }, [isWaiting]);
  const more = async (): Promise<void> => {
    if (value?.next === null || value === null) return;
    const page = await ask<TaskList>(listAddress(filter, value.next));
    change((list) => ({ tasks: [...list.tasks, ...page.tasks], next: page.next }));
  };
  return { ...loaded, more };
}

/** @returns null: only the server can tell whether the task belongs into the list, or where */
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

/** A new task is the newest, unless it is an old one that an earlier page would have shown. */
function added(list: TaskList, task: Task): TaskList | null {
  const [newest] = list.tasks;
  if (newest !== undefined && task.created_at < newest.created_at) {
    const oldest = list.tasks.at(-1);
    return list.next !== null && oldest !== undefined && task.created_at < oldest.created_at ? list : null;
  }
  return { ...list, tasks: [task, ...list.tasks] };
}

function listAddress(filter: Filter, cursor?: string): string {
  const query = new URLSearchParams({ ...apiFilter(filter), limit: String(PAGE_SIZE) });
  if (cursor !== undefined) query.set('cursor', cursor);
  return `${addressOf('tasks')}?${query}`;
}
