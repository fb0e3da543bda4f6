import { addressOf } from './api.ts';
import { createStore } from './store.ts';
import type { Gone, Task } from './types.ts';

/** How the page receives changes. `sinceMs`: the time of the last one. */
export interface Connection {
  readonly state: 'opening' | 'live' | 'lost';
  readonly sinceMs: number;
}

export interface Listener {
  /** A task is new, has changed or is gone. Its place in the queue is not sent. */
  readonly task: (task: Task | Gone) => void;
  /** So much has changed that lists should be read again; also after a lost connection. */
  readonly many: () => void;
}

const RETRY_MS = 2_000;
const listeners = new Set<Listener>();

export const connection = createStore<Connection>({ state: 'opening', sinceMs: Date.now() });

/** @returns a function that ends it */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keeps one stream of events open for all parts of the page. */
export function startLive(): void {
  let wasLost = false;
  const open = (): void => {
    const events = new EventSource(addressOf('events'));
    events.onopen = () => {
      connection.set({ state: 'live', sinceMs: Date.now() });
      if (wasLost) tellMany();
      wasLost = false;
    };
    events.onerror = () => {
      wasLost = true;
      if (connection.get().state !== 'lost') connection.set({ state: 'lost', sinceMs: Date.now() });
      // The browser itself connects again after a lost connection, but not after an answer that is not a stream.
      if (events.readyState === EventSource.CLOSED) setTimeout(open, RETRY_MS);
    };
    events.addEventListener('task', (event) => {
      const task = JSON.parse(event.data) as Task | Gone;
      for (const listener of [...listeners]) listener.task(task);
    });
    events.addEventListener('many', tellMany);
  };
  open();
}

function tellMany(): void {
  for (const listener of [...listeners]) listener.many();
}
