import { TaskError } from '../base/errors.ts';
import type { ResultAudio, ResultDocument, TimeSpan } from './result.ts';
import type { Interval } from './tiers.ts';

/** An interval in samples of its recording. */
export interface SampleSpan extends TimeSpan {
  /** Among the intervals of its tier, from 0. */
  readonly index: number;
  readonly text: string;
  /** The first sample of it, from 0. */
  readonly firstSample: number;
  /** At least 1. */
  readonly sampleCount: number;
}

/**
 * The recording of a document, for a format that counts in samples.
 * @throws TaskError E_AUDIO_MISSING when the document does not know it
 */
export function audioOf({ name, audio }: ResultDocument, format: string): ResultAudio {
  if (audio !== null) return audio;
  const text = `expected a recording of this name, since ${format} counts in samples of it, and found none; add the recording, or choose another format, such as textgrid or json`;
  throw new TaskError('E_AUDIO_MISSING', text, { place: { file: name } });
}

/**
 * The intervals of a tier that covers its recording, in whole samples: each begins where the one before ends, and the
 * last one ends with the recording. Each label keeps one sample at least. Intervals without label that are shorter than
 * that are left out.
 * @throws TaskError E_OUTPUT_INVALID when there are more labels than samples
 */
export function toSamples(
  intervals: readonly Interval[],
  { sampleRateHz, sampleCount, name }: ResultAudio,
): SampleSpan[] {
  let labelsLeft = intervals.filter(hasLabel).length;
  if (labelsLeft > sampleCount) {
    const text = `expected at most one label for each of the ${sampleCount} samples, found ${labelsLeft}`;
    throw new TaskError('E_OUTPUT_INVALID', text, { place: { file: name } });
  }
  const spans: SampleSpan[] = [];
  let reached = 0;
  for (const [index, interval] of intervals.entries()) {
    const { startSec, endSec, text } = interval;
    const least = reached + (hasLabel(interval) ? 1 : 0);
    if (hasLabel(interval)) labelsLeft -= 1;
    const rounded = index === intervals.length - 1 ? sampleCount : Math.round(endSec * sampleRateHz);
    const end = Math.max(least, Math.min(rounded, sampleCount - labelsLeft));
    if (end > reached)
      spans.push({ index, startSec, endSec, text, firstSample: reached, sampleCount: end - reached });
    reached = end;
  }
  return spans;
}

export function hasLabel({ text }: Pick<Interval, 'text'>): boolean {
  return text.trim() !== '';
}
