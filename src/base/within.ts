import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for work for a limited time. After that the work goes on, and its result is dropped.
 * @returns whether it ended in time
 * @throws what the work throws in that time
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
