import { createDotProduct } from './dot-product.ts';

/** Changes the sample rate of a signal that comes in blocks. */
export interface Resampler {
  /**
   * @param block - the next samples, at most `maxBlockCount`; they are copied
   * @returns all new samples that can be computed by now: a view that the next call overwrites
   */
  push(block: Float32Array): Float32Array;
  /**
   * Returns the rest, as if silence followed the last sample. With it, there are `expectedCount` samples in all, or one
   * more.
   */
  finish(): Float32Array;
}

export interface ResamplerOptions {
  /** Whole numbers. */
  readonly sourceHz: number;
  readonly targetHz: number;
  readonly maxBlockCount: number;
}

/** This part of the bandwidth of the lower rate passes unchanged. Everything above that bandwidth is removed. */
const PASS_SHARE = 0.875;
const REJECTION_DB = 65;
/** `DotProduct` sums a multiple of 8 products. */
const TAP_MULTIPLE = 8;

/** How many samples the resampled signal has: the same duration, to the nearest sample. At least 1. */
export function expectedCount(inputCount: number, sourceHz: number, targetHz: number): number {
  return Math.max(1, Math.round((inputCount * targetHz) / sourceHz));
}

/**
 * Makes a resampler with linear phase and no delay: the first output sample has the time of the first input sample. Up
 * to 87.5 % of the bandwidth of the lower rate, the level stays the same within 0.1 dB; frequencies that would fold
 * back are at least 60 dB softer.
 *
 * Method: an output sample is the sum of the input samples around its time, weighted by a low-pass (a sinc in a Kaiser
 * window). Its time is at one of a few places between two input samples, so the weights are computed once, in a row for
 * each place.
 * Source: Oppenheim and Schafer, Discrete-Time Signal Processing: rate changes by a rational factor, Kaiser windows.
 */
export function createResampler({ sourceHz, targetHz, maxBlockCount }: ResamplerOptions): Resampler {
  const divisor = greatestCommonDivisor(sourceHz, targetHz);
  const phaseCount = targetHz / divisor;
  const step = sourceHz / divisor;
  const bandwidth = 0.5 * Math.min(1, targetHz / sourceHz);
  const reach = reachOf(bandwidth * (1 - PASS_SHARE));
  const tapCount = 2 * reach;

  const historyAt = phaseCount * tapCount;
  const { floats, sum } = createDotProduct(historyAt + 2 * tapCount + maxBlockCount);
  for (let phase = 0; phase < phaseCount; phase++) {
    const cutoff = (bandwidth * (1 + PASS_SHARE)) / 2;
    floats.set(weightsOf(phase / phaseCount, cutoff, reach), phase * tapCount);
  }

  const output = new Float32Array(Math.ceil(((maxBlockCount + tapCount) * phaseCount) / step) + 1);
  /**
   * How many samples are at `historyAt`: first silence before the signal, later the samples that the next windows need.
   */
  let historyCount = reach - 1;
  /**
   * Where the next window begins in the history. It is past the end of the history if a step is longer than a window.
   */
  let windowStart = 0;
  let phase = 0;
  const push = (block: Float32Array): Float32Array => {
    floats.set(block, historyAt + historyCount);
    historyCount += block.length;
    let count = 0;
    while (windowStart + tapCount <= historyCount) {
      output[count++] = sum(historyAt + windowStart, phase * tapCount, tapCount);
      phase += step;
      windowStart += Math.floor(phase / phaseCount);
      phase %= phaseCount;
    }
    const dropCount = Math.min(windowStart, historyCount);
    floats.copyWithin(historyAt, historyAt + dropCount, historyAt + historyCount);
    historyCount -= dropCount;
    windowStart -= dropCount;
    return output.subarray(0, count);
  };
  return { push, finish: () => push(new Float32Array(reach)) };
}

/**
 * How many samples on each side a low-pass needs.
 * @param transition - width of its transition band, in cycles per sample
 */
function reachOf(transition: number): number {
  const tapCount = (REJECTION_DB - 8) / (2.285 * 2 * Math.PI * transition);
  return (TAP_MULTIPLE / 2) * Math.ceil(tapCount / TAP_MULTIPLE);
}

/**
 * The weights of the samples around a time.
 * @param fraction - how far the time is after the sample in the middle, 0 to 1 samples
 */
function weightsOf(fraction: number, cutoff: number, reach: number): Float64Array {
  const weights = new Float64Array(2 * reach);
  for (let tap = 0; tap < weights.length; tap++) {
    const distance = tap - reach + 1 - fraction;
    weights[tap] = sinc(2 * cutoff * distance) * kaiser(distance / reach);
  }
  // Each row sums to 1: otherwise a constant signal would become a faint tone.
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const KAISER_BETA = 0.1102 * (REJECTION_DB - 8.7);

/** The Kaiser window. @param position - from -1 to 1 */
function kaiser(position: number): number {
  return besselI0(KAISER_BETA * Math.sqrt(Math.max(0, 1 - position * position))) / besselI0(KAISER_BETA);
}

function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let order = 1; term > sum * 1e-12; order++) {
    term *= (x / (2 * order)) ** 2;
    sum += term;
  }
  return sum;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
