import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../base/log.ts';

const TOO_MANY_CONNECTIONS = '53300';
const PAUSE_MIN_MS = 500;
const PAUSE_MAX_MS = 5_000;

/** Whether the server, the database or our role has no free connection left. */
function isServerFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as { code?: unknown }).code === TOO_MANY_CONNECTIONS || isServerFull(error.cause);
}

/**
 * Runs `act`, which opens a connection, and runs it again as long as the server has no free one.
 * @param signal - ends the wait; the error of the last try is thrown
 */
export async function retryWhileFull<T>(act: () => Promise<T>, log: Log, signal?: AbortSignal): Promise<T> {
  for (let pauseMs = PAUSE_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    try {
      return await act();
    } catch (error) {
      if (!isServerFull(error) || signal?.aborted) throw error;
      if (pauseMs === PAUSE_MIN_MS) log.warn('database.full', { error });
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
