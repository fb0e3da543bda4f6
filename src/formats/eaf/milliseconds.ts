import { TaskError } from '../../base/errors.ts';
import { BOUNDARY_TOLERANCE_SEC } from '../tiers.ts';

export interface SecSpan {
  readonly startSec: number;
  readonly endSec: number;
  /** The smallest duration, so that its content fits; left out: 1 ms. */
  readonly minMs?: number;
}

export interface MsSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Rounds times to whole milliseconds, which ELAN has. Spans that touch still touch, and each has at least its smallest duration.
 * @param spans - in time order, without overlaps
 * @param within - all spans must lie in it
 * @throws TaskError E_OUTPUT_INVALID when they do not fit in it
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
  // Spans that were moved beyond the end are moved back.
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
