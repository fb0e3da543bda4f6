import { open } from 'node:fs/promises';
import { readBlocks, type WavSource } from './wav-pcm.ts';

/** What was found about the audio in the channels of a recording. */
export interface ChannelSounds {
  /** For each channel: whether it is nowhere louder than the noise of a good microphone. */
  readonly isSilent: readonly boolean[];
  /** By channel: the first one that holds the same sound, louder or softer; its own number: none before it does. */
  readonly sameAs: readonly number[];
}

/** The mean of the loudest tenth of a second, -60 dB of full scale. */
const SILENT_LEVEL = 33;
const WINDOW_SEC = 0.1;
/** Level of what remains of one channel when the other is subtracted: less than -20 dB. */
const SAME_SHARE = 0.99;

/** Listens to all channels of a 16-bit wav file. Memory does not grow with its length, nor work with the pairs of channels. */
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

/** The loudest stretch of each channel. */
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
    // The rest counts as a whole stretch, so that the last sound of a file cannot make it loud.
    this.#endWindow();
    const limit = SILENT_LEVEL * SILENT_LEVEL * this.#windowFrames;
    return Array.from(this.#loudest, (sum) => sum < limit);
  }

  #endWindow(): void {
    for (const [channel, sum] of this.#sums.entries()) {
      // Some microphones add a constant, which is not audible.
      const constant = (this.#totals[channel] as number) ** 2 / Math.max(1, this.#frameCount);
      this.#loudest[channel] = Math.max(this.#loudest[channel] as number, sum - constant);
    }
    this.#totals.fill(0);
    this.#sums.fill(0);
    this.#frameCount = 0;
  }
}

/** How far channels are copies of each other: their correlation. */
class Likeness {
  readonly #channelCount: number;
  /** Products of each two channels, summed. */
  readonly #sums: Float64Array;
  readonly #totals: Float64Array;
  #frameCount = 0;
  /** With many channels, a part of the frames tells the same and takes no more work for each channel. */
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
