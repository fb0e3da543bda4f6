import { type InPieces, Piece } from '../../base/pieces.ts';
import type { TimeSpan } from '../result.ts';
import { BOUNDARY_TOLERANCE_SEC, type Interval } from '../tiers.ts';
import type { ChatFile } from './read-utterances.ts';

/** The dependent tiers of one speaker, by the name of the tier, such as `mor`. */
type DependentTiers = Map<string, Interval[]>;

/**
 * Makes the dependent tiers of each speaker, by the code of the speaker. An interval has the times of its main line; a
 * word with times, as in `%wor`, has its own. Intervals that overlap are joined, since main lines without times may
 * share one interval.
 * @param spans - times of the utterances, by their numbers; null: the utterance and its dependent tiers are left out
 */
export function* toDependentTiers(
  { dependentLines, utterances }: Pick<ChatFile, 'dependentLines' | 'utterances'>,
  spans: readonly (TimeSpan | null)[],
): InPieces<ReadonlyMap<string, DependentTiers>> {
  const bySpeaker = new Map<string, DependentTiers>();
  const piece = new Piece();
  for (const { tier, text, line, from, to, times: own } of dependentLines) {
    const speaker = utterances[from]?.speaker;
    const times = spans.slice(from, to).filter((span) => span !== null);
    if (speaker === undefined || times.length === 0) continue;
    const tiers = bySpeaker.get(speaker) ?? new Map<string, Interval[]>();
    bySpeaker.set(speaker, tiers);
    const intervals = tiers.get(tier) ?? [];
    tiers.set(tier, intervals);
    intervals.push({ ...(own ?? spanOf(times)), text, line });
    if (piece.add(text)) yield;
  }
  for (const tiers of bySpeaker.values()) {
    for (const [tier, intervals] of tiers) tiers.set(tier, yield* joinOverlaps(intervals));
  }
  return bySpeaker;
}

function spanOf(times: readonly TimeSpan[]): TimeSpan {
  return {
    startSec: times.reduce((first, span) => Math.min(first, span.startSec), Number.POSITIVE_INFINITY),
    endSec: times.reduce((last, span) => Math.max(last, span.endSec), 0),
  };
}

function* joinOverlaps(intervals: readonly Interval[]): InPieces<Interval[]> {
  const piece = new Piece();
  const joined: { interval: Interval; texts: string[]; endSec: number }[] = [];
  for (const interval of intervals.toSorted((a, b) => a.startSec - b.startSec)) {
    if (piece.add('')) yield;
    const last = joined.at(-1);
    if (last === undefined || interval.startSec >= last.endSec - BOUNDARY_TOLERANCE_SEC) {
      joined.push({ interval, texts: [interval.text], endSec: interval.endSec });
      continue;
    }
    last.texts.push(interval.text);
    last.endSec = Math.max(last.endSec, interval.endSec);
  }
  return joined.map(({ interval, texts, endSec }) => ({ ...interval, endSec, text: texts.join('\n') }));
}
