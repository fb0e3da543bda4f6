import { type InPieces, Piece } from '../../base/pieces.ts';
import type { Interval, Point, Tier } from '../tiers.ts';
import type { TextGrid } from './model.ts';
import { toIntervalTier, toPointTier } from './tier.ts';
import { type PraatTokens, shorten } from './tokens.ts';

/** The first line of a chronological TextGrid. */
export const CHRONOLOGICAL = 'Praat chronological TextGrid text file';

/** A tier whose intervals or points are being collected. */
interface OpenTier {
  readonly kind: 'interval' | 'point';
  readonly tier: { readonly name: string; readonly startSec: number; readonly endSec: number };
  readonly intervals: Interval[];
  readonly points: Point[];
}

/**
 * Reads the rest of a chronological TextGrid: times, tiers, then the intervals and points of all tiers in time order,
 * each after the number of its tier.
 * Source: Praat manual, "TextGrid file formats", and files of Praat.
 * @param tokens - the values after the first line
 * @throws TaskError E_TEXTGRID_MALFORMED with the line
 */
export function* readChronological(tokens: PraatTokens): InPieces<TextGrid> {
  const startSec = tokens.number('the start time of the TextGrid');
  const endSec = tokens.number('the end time of the TextGrid');
  const tierCount = tokens.count('the number of tiers');
  const open: OpenTier[] = [];
  while (open.length < tierCount) open.push(readHead(tokens, open.length + 1));
  const piece = new Piece();
  while (!tokens.isAtEnd()) {
    const number = tokens.number('the number of a tier');
    const one = open[number - 1];
    if (one === undefined) throw tokens.refused(`the number of a tier, 1 to ${tierCount}`, String(number));
    const timeSec = tokens.number('a time');
    const until = one.kind === 'interval' ? tokens.number('an end time') : timeSec;
    const text = tokens.string('a label');
    if (one.kind === 'interval') one.intervals.push({ startSec: timeSec, endSec: until, text });
    else one.points.push({ timeSec, text });
    if (piece.add(text)) yield;
  }
  const tiers = open.map(({ kind, tier, intervals, points }): Tier => {
    return kind === 'interval' ? toIntervalTier(tier, intervals) : toPointTier(tier, points);
  });
  return { startSec, endSec, tiers };
}

function readHead(tokens: PraatTokens, tierNumber: number): OpenTier {
  const kind = tokens.string(`the kind of tier ${tierNumber}`);
  if (kind !== 'IntervalTier' && kind !== 'TextTier') {
    throw tokens.refused(`"IntervalTier" or "TextTier" as the kind of tier ${tierNumber}`, shorten(kind));
  }
  const name = tokens.string(`the name of tier ${tierNumber}`);
  const startSec = tokens.number('the start time of the tier');
  const endSec = tokens.number('the end time of the tier');
  return {
    kind: kind === 'IntervalTier' ? 'interval' : 'point',
    tier: { name, startSec, endSec },
    intervals: [],
    points: [],
  };
}
