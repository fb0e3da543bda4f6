import { TaskError } from '../../base/errors.ts';
import { BOUNDARY_TOLERANCE_SEC } from '../tiers.ts';

export interface SecSpan {
  readonly startSec: number;
  readonly endSec: number;
  /** The smallest duration that it may get, 1 ms for each phone in it. Left out: 1 ms. */
  readonly minMs?: number;
}

export interface MsSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Rounds times to whole milliseconds, ELAN's unit. Spans that touch still touch, and each gets at least its smallest
 * duration.
 * @param spans - in time order, without overlaps
 * @param within - the span in which the results must lie
 * @returns a span for each of `spans`
 * @throws TaskError E_OUTPUT_INVALID when the smallest durations do not fit in `within`
 */
export function toMilliseconds(spans: readonly SecSpan[], within: MsSpan): MsSpan[] {
  const starts = new Float64Array(spans.length);
  const ends = new Float64Array(spans.length);
  const touches = (index: number) =>
    index > 0 && (spans[index]?.startSec ?? 0) - (spans[index - 1]?.endSec ?? 0) <= BOUNDARY_TOLERANCE_SEC;
  let reachedMs = within.startMs;
  for (const [index, { startSec, endSec, minMs = 1 }] of spans.entries()) {
    const startMs = touches(index) ? reachedMs : Math.max(reachedMs, Math.round(startSec * 1000));
    reachedMs = Math.max(startMs + minMs, Math.round(endSec * 1000));
    starts[index] = startMs;
    ends[index] = reachedMs;
  }
  // Smallest durations may have moved the last spans beyond the end.
  let limitMs = within.endMs;
  for (let index = spans.length - 1; index >= 0 && (ends[index] ?? 0) > limitMs; index--) {
    ends[index] = limitMs;
    starts[index] = Math.min(starts[index] ?? 0, limitMs - (spans[index]?.minMs ?? 1));
    limitMs = starts[index] ?? 0;
  }
  if ((starts[0] ?? within.startMs) < within.startMs) {
    const text = `expected at least 1 ms for each of ${spans.length} labels, found ${within.endMs - within.startMs} ms in all`;
    throw new TaskError('E_OUTPUT_INVALID', text, { place: { timeSec: within.startMs / 1000 } });
  }
  return spans.map((_, index) => ({ startMs: starts[index] ?? 0, endMs: ends[index] ?? 0 }));
}
