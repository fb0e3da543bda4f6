/** Pairs of smallest and largest sample, -128 to 127. Level 0 has one for 256 samples of 16 kHz, each further one for 4. */
export interface Peaks {
  /** The loaded pairs of a level; undefined: they are requested now, or do not exist. */
  level(level: number): Int8Array | undefined;
  /** The largest distance from zero, once it is known. */
  readonly loudest: number;
  readonly levelCount: number;
}

const PAIR_SEC = 256 / 16_000;
const FACTOR = 4;
const WHOLE_PAIRS = 1_000;

/** Duration of a pair of a level. */
export function pairSeconds(level: number): number {
  return PAIR_SEC * FACTOR ** level;
}

/** @param seconds - of the recording @param onLoaded - called when more can be drawn */
export function createPeaks(url: string, seconds: number, onLoaded: () => void, signal: AbortSignal): Peaks {
  let levelCount = 1;
  while (seconds / pairSeconds(levelCount - 1) > WHOLE_PAIRS) levelCount += 1;
  const levels = new Map<number, Int8Array | null>();
  let loudest = 0;
  const load = async (level: number) => {
    levels.set(level, null);
    const response = await fetch(`${url}/${level}`, { signal });
    if (!response.ok) return;
    const pairs = new Int8Array(await response.arrayBuffer());
    levels.set(level, pairs);
    if (level === levelCount - 1) for (const value of pairs) loudest = Math.max(loudest, Math.abs(value));
    onLoaded();
  };
  const ask = (level: number) => {
    if (!levels.has(level)) void load(level).catch(() => undefined);
    return levels.get(level) ?? undefined;
  };
  ask(levelCount - 1);
  return {
    levelCount,
    get loudest() {
      return loudest;
    },
    level: ask,
  };
}
