import os from 'node:os';

/** Time that the program may need in addition to SHUTDOWN_GRACE. */
const PROMISED_SEC = 5;

/** How long an instance may take to end after SIGTERM: longer if many processes want the cores. */
export function stopLimitMs(graceSec: number): number {
  const load = (os.loadavg()[0] ?? 0) / os.availableParallelism();
  return (graceSec + PROMISED_SEC) * 1000 * Math.max(1, load);
}
