import { TaskError } from '../base/errors.ts';
import type { ResultAudio, ResultDocument, TimeSpan } from './result.ts';
import type { Interval } from './tiers.ts';

/** An interval, counted in samples of its recording. */
export interface SampleSpan extends TimeSpan {
  /** Its place in its tier, from 0. */
  readonly index: number;
  readonly text: string;
  /** Number of its first sample, from 0. */
  readonly firstSample: number;
  /** At least 1. */
  readonly sampleCount: number;
}

/**
 * The recording of a document, for a format that counts in samples.
 * @param format - its name, for the message
 * @throws TaskError E_AUDIO_MISSING: the document has no recording
 */
export function audioOf({ name, audio }: ResultDocument, format: string): ResultAudio {
  if (audio !== null) return audio;
  const text = `expected a recording of this name, since ${format} counts in samples of it, and found none; add the recording, or choose another format, such as textgrid or json`;
  throw new TaskError('E_AUDIO_MISSING', text, { place: { file: name } });
}

/**
 * Converts the intervals of a tier that covers its recording to whole samples. Each begins where the one before ends, and the last
 * one ends with the recording. An interval with a label has at least one sample; one without a label and without a sample is left
 * out.
 * @throws TaskError E_OUTPUT_INVALID: there are more labels than samples
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

/** Whether an interval has more than blanks as its label. */
export function hasLabel({ text }: Pick<Interval, 'text'>): boolean {
  return text.trim() !== '';
}
