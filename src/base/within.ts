import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for something for a limited time. The work goes on, and its result is dropped.
 * @returns whether it ended in time; an error of it is thrown
 */
export async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  // The timer of a wait that is over must not keep the process from ending.
  const limit = delay(limitMs, false, { signal: ended.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    ended.abort();
  }
}
