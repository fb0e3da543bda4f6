import { LEVEL_FACTOR, PEAK_SAMPLES } from './grid.ts';

/** Takes pairs of smallest and largest sample, from -128 to 127, of one level, in time order. */
export type TakePeaks = (level: number, pairs: Int8Array) => Promise<void>;

/** Pairs of a level that are given away at a time. */
const PAIRS_AT_ONCE = 4_096;

/** The peaks of a recording on all its levels at once. Memory does not grow with its length. */
export class Peaks {
  readonly #levels: Level[];
  readonly #take: TakePeaks;

  constructor(levelCount: number, take: TakePeaks) {
    this.#levels = Array.from(
      { length: levelCount },
      (_, level) => new Level(level === 0 ? PEAK_SAMPLES : LEVEL_FACTOR),
    );
    this.#take = take;
  }

  /** @param samples - from -32768 to 32767 */
  async push(samples: Float32Array): Promise<void> {
    for (const sample of samples) {
      const value = Math.max(-128, Math.min(127, Math.floor(sample / 256)));
      this.#add(0, value, value);
    }
    await this.#give(PAIRS_AT_ONCE);
  }

  async finish(): Promise<void> {
    for (const [at, level] of this.#levels.entries()) if (level.isBegun) this.#close(at);
    await this.#give(1);
  }

  #add(at: number, min: number, max: number): void {
    if (this.#levels[at]?.add(min, max)) this.#close(at);
  }

  #close(at: number): void {
    const pair = this.#levels[at]?.close();
    if (pair !== undefined) this.#add(at + 1, pair[0], pair[1]);
  }

  async #give(least: number): Promise<void> {
    for (const [at, { pairs }] of this.#levels.entries()) {
      if (pairs.length < 2 * least) continue;
      await this.#take(at, Int8Array.from(pairs));
      pairs.length = 0;
    }
  }
}

class Level {
  /** Those that are closed, and not given away yet. */
  readonly pairs: number[] = [];
  readonly #width: number;
  #min = 127;
  #max = -128;
  #count = 0;

  /** @param width - how many values make up a pair */
  constructor(width: number) {
    this.#width = width;
  }

  get isBegun(): boolean {
    return this.#count > 0;
  }

  /** @returns whether the pair is full */
  add(min: number, max: number): boolean {
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
    this.#count += 1;
    return this.#count === this.#width;
  }

  close(): readonly [number, number] {
    const pair = [this.#min, this.#max] as const;
    this.pairs.push(...pair);
    this.#min = 127;
    this.#max = -128;
    this.#count = 0;
    return pair;
  }
}
