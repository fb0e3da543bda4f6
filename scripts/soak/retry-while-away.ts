import { isDatabaseAway } from '../../src/db/statement-fault.ts';
import { pause } from './waiting.ts';

const LIMIT_MS = 600_000;
const PAUSE_MS = 100;

/** Tries again while the database is unreachable, until it is told to stop. */
export async function retryWhileAway<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadlineMs = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isDatabaseAway(error) || signal.aborted || performance.now() > deadlineMs) throw error;
      await pause(PAUSE_MS, signal);
    }
  }
}
