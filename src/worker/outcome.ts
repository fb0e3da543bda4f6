import { type ErrorCode, isTransient, type TaskError } from '../base/errors.ts';
import { formatFinding } from '../base/finding.ts';
import type { Packaged } from '../pipeline/package/package.ts';

/** How an attempt ended, as a value. */
export type AttemptResult = { readonly packaged: Packaged } | { readonly error: TaskError };

/** What happens to the task. */
export type Fate =
  | { readonly kind: 'completed'; readonly packaged: Packaged }
  | {
      readonly kind: 'failed';
      readonly error: TaskError;
      /** Log of the attempt that caused the failure, inside the folder of logs; undefined: that of this attempt. */
      readonly logPath?: string;
    }
  | { readonly kind: 'retry'; readonly error: TaskError; readonly delaySec: number; readonly note: string }
  | {
      readonly kind: 'handed back';
      readonly note: string;
      readonly code?: ErrorCode;
      /** Time until another instance may take it; undefined: at once. */
      readonly delaySec?: number;
    }
  /** Another attempt has the row now, so nothing is written. */
  | {
      readonly kind: 'lost';
      readonly reason: string;
      /** Left out: it ended, but the end could not be written. */
      readonly code?: ErrorCode;
    };

export interface AttemptCounts {
  /** Attempts used, this one included, without those that others took over. */
  readonly attemptsUsed: number;
}

export interface RetryPolicy {
  readonly attemptLimit: number;
  readonly firstDelaySec: number;
}

const MAX_DELAY_SEC = 3600;
const PAUSE_NOTICED_SEC = 3;
const NOTED_CHARS = 200;

/**
 * Decides the fate of a task from how its attempt ended; pure, so that every case can be read and tested here.
 * Bad input fails at once; what may pass is tried again after a delay that doubles; a stopping instance hands the
 * task back without using an attempt.
 */
export function decideFate(result: AttemptResult, counts: AttemptCounts, policy: RetryPolicy): Fate {
  if ('packaged' in result) return { kind: 'completed', packaged: result.packaged };
  const { error } = result;
  switch (error.code) {
    case 'E_STOPPED':
    case 'E_ENGINE_MISSING':
      return { kind: 'handed back', note: `handed back: ${error.message}`, code: error.code };
    case 'E_UPLOADS':
      // Time until this instance has noticed that it must pause. Otherwise it would take the task again at once.
      return {
        kind: 'handed back',
        note: `handed back: ${error.message}`,
        code: error.code,
        delaySec: PAUSE_NOTICED_SEC,
      };
    case 'E_LEASE_LOST':
    case 'E_CANCELLED':
      return { kind: 'lost', reason: error.message, code: error.code };
    default:
      if (!isTransient(error.code) || counts.attemptsUsed >= policy.attemptLimit)
        return { kind: 'failed', error };
      return retry(error, counts, policy);
  }
}

function retry(error: TaskError, { attemptsUsed }: AttemptCounts, policy: RetryPolicy): Fate {
  const delaySec = Math.min(MAX_DELAY_SEC, policy.firstDelaySec * 2 ** (attemptsUsed - 1));
  // The next attempt overwrites the error message, or clears it if it succeeds. The note keeps it.
  const why = `${error.code} (${formatFinding(error.faults[0]).slice(0, NOTED_CHARS)})`;
  const note = `attempt ${attemptsUsed} of ${policy.attemptLimit} ended with ${why}; next in ${delaySec} s`;
  return { kind: 'retry', error, delaySec, note };
}
