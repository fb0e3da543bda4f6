import os from 'node:os';

/** Cores that one task's engine may use, at least 1: those that this process may run on, shared out among its slots. */
export function coreShare(slotCount: number): number {
  return Math.max(1, Math.floor(os.availableParallelism() / Math.max(1, slotCount)));
}
