import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for something for so long at most. What was begun goes on, and is nobody's any more.
 * @returns whether it ended in time; an error of it is thrown
 */
export async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  // A limit that nobody needs any more must not keep the process from ending.
  const limit = delay(limitMs, false, { signal: ended.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    ended.abort();
  }
}
