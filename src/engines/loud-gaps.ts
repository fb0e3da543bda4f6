import { upperMedian } from '../base/upper-median.ts';
import type { Span } from './stretches.ts';

const FRAME_SEC = 0.01;
/** A frame outside the words is loud if it has at least this share of the median amplitude of the words' frames. */
const LOUD_SHARE = 0.5;
/** Shorter loud sounds are the edge of a word, or a breath. */
export const MIN_LOUD_SEC = 0.6;

/**
 * Whether a gap between words, or beside them, may have speech. If the text has no words for some speech, the decoder takes it for
 * silence, with very good scores.
 */
export function hasLoudGap(...audio: Parameters<typeof measureLoudGaps>): boolean {
  return measureLoudGaps(...audio).some((loudSec) => loudSec >= MIN_LOUD_SEC);
}

/**
 * How many seconds of each gap are about as loud as the words. The gaps are those before each word, and the one after the last.
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
