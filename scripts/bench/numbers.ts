/** The nearest rank: a value that was measured, not one computed from two. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Milliseconds on a clock that all processes of the machine share (CLOCK_MONOTONIC). */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Numbers from 0 to 1 that are the same in every run, so that all runs measure the same data. */
export function repeatableRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Milliseconds of one run of a task. */
export async function timeMs(task: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await task();
  return performance.now() - startedMs;
}

/** Runs both in turn, so that a disturbance from outside affects both. Gives the median of each. */
export async function timeInTurn(
  rounds: number,
  ours: () => unknown,
  beside: () => unknown,
): Promise<{ oursMs: number; besideMs: number }> {
  const times = { ours: [] as number[], beside: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push(await timeMs(ours));
    times.beside.push(await timeMs(beside));
  }
  return { oursMs: median(times.ours), besideMs: median(times.beside) };
}
