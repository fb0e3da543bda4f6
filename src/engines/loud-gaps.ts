import { upperMedian } from '../base/upper-median.ts';
import type { Span } from './stretches.ts';

const FRAME_SEC = 0.01;
/** A frame outside of the words is loud when it has this share of the amplitude of half of their frames. */
const LOUD_SHARE = 0.5;
/** Less is the edge of a word, or a breath. */
export const MIN_LOUD_SEC = 0.6;

/**
 * Whether there is a gap between words, or beside them, that may have speech: the decoder takes speech for
 * silence, with the best of scores, when the text leaves it no other way.
 */
export function hasLoudGap(...sound: Parameters<typeof measureLoudGaps>): boolean {
  return measureLoudGaps(...sound).some((loudSec) => loudSec >= MIN_LOUD_SEC);
}

/**
 * How many seconds of each gap are about as loud as the words: before each word, and at last behind all of them.
 * @param words - in time order, seconds from the first sample
 * @param untilSec - where the last gap ends
 */
export function measureLoudGaps(
  samples: Float32Array,
  sampleRateHz: number,
  words: readonly Span[],
  untilSec: number,
): number[] {
  const levels = measureLevels(samples, Math.round(FRAME_SEC * sampleRateHz));
  const frameOf = (sec: number): number => Math.round(sec / FRAME_SEC);
  const spoken = words.flatMap(({ startSec, endSec }) => [
    ...levels.subarray(frameOf(startSec), frameOf(endSec)),
  ]);
  const loudLevel = LOUD_SHARE * upperMedian(spoken);
  let fromSec = 0;
  return [...words, { startSec: untilSec, endSec: untilSec }].map(({ startSec, endSec }) => {
    const gap = levels.subarray(frameOf(fromSec), frameOf(Math.min(startSec, untilSec)));
    fromSec = endSec;
    return gap.filter((level) => level >= loudLevel).length * FRAME_SEC;
  });
}

function measureLevels(samples: Float32Array, frameCount: number): Float32Array {
  const levels = new Float32Array(Math.floor(samples.length / frameCount));
  for (let frame = 0; frame < levels.length; frame++) {
    let sum = 0;
    for (let at = frame * frameCount; at < (frame + 1) * frameCount; at++) sum += (samples[at] ?? 0) ** 2;
    levels[frame] = Math.sqrt(sum / frameCount);
  }
  return levels;
}
