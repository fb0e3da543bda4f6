import { open } from 'node:fs/promises';
import { readBlocks, type WavSource } from './wav-pcm.ts';

/** What the channels of a recording contain. */
export interface ChannelSounds {
  /** For each channel: whether it is never louder than the noise of a good microphone. */
  readonly isSilent: readonly boolean[];
  /** For each channel: the first channel with the same audio, louder or softer. It may be the channel itself. */
  readonly sameAs: readonly number[];
}

/** A channel is silent if the RMS of its loudest tenth of a second is below this: -60 dB of full scale. */
const SILENT_LEVEL = 33;
const WINDOW_SEC = 0.1;
/** Channels are the same if the square of their correlation is at least this: their difference is then below -20 dB. */
const SAME_SHARE = 0.99;

/**
 * Compares all channels of a 16-bit wav file. The memory does not depend on its length, and the time grows with the
 * number of channels, not with that of their pairs.
 */
export async function listenToChannels(source: WavSource, signal: AbortSignal): Promise<ChannelSounds> {
  const { channelCount, sampleRateHz } = source.info;
  const loudness = new Loudness(channelCount, Math.round(WINDOW_SEC * sampleRateHz));
  const likeness = new Likeness(channelCount);
  await using input = await open(source.path, 'r');
  for await (const samples of readBlocks(input, source, signal)) {
    loudness.add(samples);
    likeness.add(samples);
  }
  const isSilent = loudness.isSilent();
  return { isSilent, sameAs: likeness.sameAs(isSilent) };
}

/** Measures the loudest tenth of a second of each channel. */
class Loudness {
  readonly #windowFrames: number;
  readonly #totals: Float64Array;
  readonly #sums: Float64Array;
  readonly #loudest: Float64Array;
  #frameCount = 0;

  constructor(channelCount: number, windowFrames: number) {
    this.#windowFrames = windowFrames;
    this.#totals = new Float64Array(channelCount);
    this.#sums = new Float64Array(channelCount);
    this.#loudest = new Float64Array(channelCount);
  }

  add(samples: Int16Array): void {
    const totals = this.#totals;
    const sums = this.#sums;
    const channelCount = sums.length;
    for (let at = 0; at < samples.length; at += channelCount) {
      for (let channel = 0; channel < channelCount; channel++) {
        const sample = samples[at + channel] as number;
        totals[channel] = (totals[channel] as number) + sample;
        sums[channel] = (sums[channel] as number) + sample * sample;
      }
      this.#frameCount += 1;
      if (this.#frameCount === this.#windowFrames) this.#endWindow();
    }
  }

  isSilent(): boolean[] {
    // The last, shorter window is compared with the limit of a whole one, so that a click at the end does not make a
    // channel loud.
    this.#endWindow();
    const limit = SILENT_LEVEL * SILENT_LEVEL * this.#windowFrames;
    return Array.from(this.#loudest, (sum) => sum < limit);
  }

  #endWindow(): void {
    for (const [channel, sum] of this.#sums.entries()) {
      // Some microphones add a constant, which is not audible: it is subtracted.
      const constant = (this.#totals[channel] as number) ** 2 / Math.max(1, this.#frameCount);
      this.#loudest[channel] = Math.max(this.#loudest[channel] as number, sum - constant);
    }
    this.#totals.fill(0);
    this.#sums.fill(0);
    this.#frameCount = 0;
  }
}

/** Measures the correlation of each two channels. */
class Likeness {
  readonly #channelCount: number;
  /** For each two channels, and each channel with itself: the sum of the products of their samples. */
  readonly #sums: Float64Array;
  readonly #totals: Float64Array;
  #frameCount = 0;
  /** Of many channels, only every n-th frame is used, so that the time for each channel stays the same. */
  readonly #step: number;
  #nextFrame = 0;

  constructor(channelCount: number) {
    this.#channelCount = channelCount;
    this.#sums = new Float64Array(channelCount * channelCount);
    this.#totals = new Float64Array(channelCount);
    this.#step = Math.max(1, channelCount - 1);
  }

  add(samples: Int16Array): void {
    const count = this.#channelCount;
    const frameCount = samples.length / count;
    let frame = this.#nextFrame;
    for (; frame < frameCount; frame += this.#step) {
      const at = frame * count;
      this.#frameCount += 1;
      for (let one = 0; one < count; one++) {
        const sample = samples[at + one] as number;
        this.#totals[one] = (this.#totals[one] as number) + sample;
        for (let other = 0; other <= one; other++) {
          const place = one * count + other;
          this.#sums[place] = (this.#sums[place] as number) + sample * (samples[at + other] as number);
        }
      }
    }
    this.#nextFrame = frame - frameCount;
  }

  sameAs(isSilent: readonly boolean[]): number[] {
    return isSilent.map((_, one) => {
      for (let other = 0; other < one; other++)
        if (isSilent[one] !== true && isSilent[other] !== true && this.#isSame(one, other)) return other;
      return one;
    });
  }

  #isSame(one: number, other: number): boolean {
    const mean = (a: number) => (this.#totals[a] as number) / this.#frameCount;
    const sum = (a: number, b: number) =>
      (this.#sums[a * this.#channelCount + b] as number) - mean(a) * mean(b) * this.#frameCount;
    return sum(one, other) ** 2 >= SAME_SHARE * sum(one, one) * sum(other, other);
  }
}
