import { createDotProduct } from './dot-product.ts';

/** Changes the sample rate of a signal that comes in blocks. */
export interface Resampler {
  /**
   * @param block - the next samples, no more than `maxBlockCount`; kept by the caller
   * @returns what can be told so far: a view that the next call overwrites
   */
  push(block: Float32Array): Float32Array;
  /** The rest, as if silence followed the last sample: with it, there are `expectedCount` samples or one more. */
  finish(): Float32Array;
}

export interface ResamplerOptions {
  /** Whole numbers. */
  readonly sourceHz: number;
  readonly targetHz: number;
  readonly maxBlockCount: number;
}

/** Part of the bandwidth that both rates have which passes unchanged; what lies above that bandwidth is rejected. */
const PASS_SHARE = 0.875;
const REJECTION_DB = 65;
/** What `DotProduct` can sum. */
const TAP_MULTIPLE = 8;

/** Length of the resampled signal: the same duration, to the nearest sample. */
export function expectedCount(inputCount: number, sourceHz: number, targetHz: number): number {
  return Math.max(1, Math.round((inputCount * targetHz) / sourceHz));
}

/**
 * A resampler with linear phase and no delay: the first sample out is at the time of the first sample in. Up to 87.5 %
 * of the bandwidth that both rates have, the level is kept within 0.1 dB; what would fold back is at least 60 dB down.
 *
 * Method: a sample out is the sum of the samples around its time, weighted by a low-pass (a sinc under a Kaiser window).
 * Its time lies at one of a few places between two samples in, so the weights are computed once, a row for each place.
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
  /** Samples at `historyAt`: at first the silence before the signal, later what windows to come still need. */
  let historyCount = reach - 1;
  /** Where in the history the next window begins: past its end when a step is longer than a window. */
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

/** Samples on each side that a low-pass with a transition of this width takes, in cycles per sample. */
function reachOf(transition: number): number {
  const tapCount = (REJECTION_DB - 8) / (2.285 * 2 * Math.PI * transition);
  return (TAP_MULTIPLE / 2) * Math.ceil(tapCount / TAP_MULTIPLE);
}

/** The weights of the low-pass for the samples around a time that is `fraction` of a sample after the middle one. */
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

/** @param position - -1 to 1 across the window */
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
