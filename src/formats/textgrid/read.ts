import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { pairKey } from '../../base/input-kinds.ts';
import { nameSome } from '../../base/name-some.ts';
import { atOnce, type InPieces, Piece } from '../../base/pieces.ts';
import type { Interval, IntervalTier, Point, PointTier, Tier } from '../tiers.ts';
import type { TextGrid } from './model.ts';
import { CHRONOLOGICAL, readChronological } from './read-chronological.ts';
import { toIntervalTier, toPointTier } from './tier.ts';
import { lineOf, PraatTokens, shorten } from './tokens.ts';

/** How many TextGrids a message lists. */
const MAX_NAMED = 10;
const FIX = 'in Praat, open the file and choose "Save as text file..."';

/**
 * Reads a TextGrid in Praat's long, short or chronological text form, or in any text with the same order of values.
 * It accepts what Praat accepts: comments, percentages and fractions, old headers, no tiers (`<absent>`). As in Praat,
 * intervals and points are put in time order, and an interval tier without intervals gets one empty interval. Gaps,
 * overlaps and times outside of the tier are accepted too: `findTierFaults` reports them.
 * Source: Praat manual, "TextGrid file formats".
 * @param text - decoded, without byte order mark
 * @param file - the user's name of the file, for messages
 * @throws TaskError E_TEXTGRID_MALFORMED with the line
 * @internal
 */
export function readTextGrid(text: string, file: string): TextGrid {
  return atOnce(readTextGridInPieces(text, file));
}

/** As `readTextGrid`, in pieces, for a text that may be long. */
export function* readTextGridInPieces(text: string, file: string): InPieces<TextGrid> {
  const { isChronological, end } = readFirstLine(text, file);
  const tokens = new PraatTokens(text, file, end);
  if (isChronological) return yield* readChronological(tokens);
  const className = tokens.string('the kind of object');
  if (className === 'Collection') return yield* readCollection(tokens, file);
  if (className !== 'TextGrid') throw tokens.refused('the kind of object "TextGrid"', shorten(className));
  return yield* readContent(tokens);
}

/**
 * Reads a file with several objects that were saved together: its only TextGrid, or the TextGrid with the name of the
 * file. Objects of other kinds must come after the TextGrids, since it is not known where they end.
 */
function* readCollection(tokens: PraatTokens, file: string): InPieces<TextGrid> {
  const stem = toPraatName(pairKey(path.basename(file)));
  const found: { readonly name: string; readonly grid: TextGrid }[] = [];
  const count = tokens.count('the number of objects');
  for (let number = 1; number <= count; number++) {
    tokens.placeInGrid = () => ({});
    const kind = tokens.string(`the kind of object ${number}`);
    const name = tokens.string(`the name of object ${number}`);
    if (kind === 'TextGrid') found.push({ name, grid: yield* readContent(tokens) });
    else if (found.length > 0) break;
    else {
      const said = `expected a TextGrid as the first object, found ${shorten(kind)}; in Praat, select the TextGrid alone and save it`;
      throw new TaskError('E_TEXTGRID_MALFORMED', said, { place: { file } });
    }
  }
  const [first, other] = found;
  const own = found.filter(({ name }) => toPraatName(pairKey(name)) === stem);
  const chosen = other === undefined ? first : own.length === 1 ? own[0] : undefined;
  if (chosen !== undefined) return chosen.grid;
  const names = nameSome(found, MAX_NAMED, ({ name }) => shorten(name)) || 'none';
  const said = `expected one TextGrid, or one with the name of the file, found ${names}; in Praat, select one and save it`;
  throw new TaskError('E_TEXTGRID_MALFORMED', said, { place: { file } });
}

/** A name as Praat gives it to an object: with `_` in place of all signs but letters and digits. */
function toPraatName(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '_');
}

function* readContent(tokens: PraatTokens): InPieces<TextGrid> {
  const startSec = tokens.number('the start time of the TextGrid');
  const endSec = tokens.number('the end time of the TextGrid');
  const hasTiers =
    tokens.flag('the mark that says whether there are tiers', ['exists', 'absent']) === 'exists';
  const tiers: Tier[] = [];
  const tierCount = hasTiers ? tokens.count('the number of tiers') : 0;
  while (tiers.length < tierCount) tiers.push(yield* readTier(tokens, tiers.length + 1));
  return { startSec, endSec, tiers };
}

/** The form of a file, and the offset at which the values after its first line begin. */
function readFirstLine(
  text: string,
  file: string,
): { readonly isChronological: boolean; readonly end: number } {
  const zeroAt = text.indexOf('\0');
  if (zeroAt >= 0) throw notATextGrid(file, lineOf(text, zeroAt), 'a zero character, as in a binary file');
  const start = text.search(/\S/);
  if (start < 0) throw notATextGrid(file, 1, 'an empty file');
  const end = start + text.slice(start).search(/[\r\n]|$/);
  const firstLine = text.slice(start, end);
  const isChronological = firstLine.startsWith(`"${CHRONOLOGICAL}"`);
  if (isChronological) return { isChronological, end: start + CHRONOLOGICAL.length + 2 };
  if (firstLine.includes('ooTextFile')) return { isChronological, end };
  throw notATextGrid(file, lineOf(text, start), shorten(firstLine));
}

function notATextGrid(file: string, line: number, found: string): TaskError {
  const text = `expected a TextGrid text file (first line: File type = "ooTextFile"), found ${found}; ${FIX}`;
  return new TaskError('E_TEXTGRID_MALFORMED', text, { place: { file, line } });
}

function* readTier(tokens: PraatTokens, tierNumber: number): InPieces<Tier> {
  tokens.placeInGrid = () => ({});
  const kind = tokens.string(`the kind of tier ${tierNumber}`);
  if (kind !== 'IntervalTier' && kind !== 'TextTier') {
    throw tokens.refused(`"IntervalTier" or "TextTier" as the kind of tier ${tierNumber}`, shorten(kind));
  }
  const name = tokens.string(`the name of tier ${tierNumber}`);
  tokens.placeInGrid = () => ({ tier: name });
  const startSec = tokens.number('the start time of the tier');
  const endSec = tokens.number('the end time of the tier');
  const tier = { name, startSec, endSec };
  return kind === 'IntervalTier' ? yield* readIntervals(tokens, tier) : yield* readPoints(tokens, tier);
}

function* readIntervals(
  tokens: PraatTokens,
  tier: Omit<IntervalTier, 'kind' | 'intervals'>,
): InPieces<IntervalTier> {
  const piece = new Piece();
  const intervals: Interval[] = [];
  const count = tokens.count('the number of intervals');
  tokens.placeInGrid = () => ({ tier: tier.name, interval: intervals.length + 1, of: count });
  while (intervals.length < count) {
    const startSec = tokens.number('a start time');
    const endSec = tokens.number('an end time');
    const text = tokens.string('a label');
    intervals.push({ startSec, endSec, text });
    if (piece.add(text)) yield;
  }
  return toIntervalTier(tier, intervals);
}

function* readPoints(tokens: PraatTokens, tier: Omit<PointTier, 'kind' | 'points'>): InPieces<PointTier> {
  const piece = new Piece();
  const points: Point[] = [];
  const count = tokens.count('the number of points');
  tokens.placeInGrid = () => ({ tier: tier.name, point: points.length + 1, of: count });
  while (points.length < count) {
    const timeSec = tokens.number('a time');
    const text = tokens.string('a label');
    points.push({ timeSec, text });
    if (piece.add(text)) yield;
  }
  return toPointTier(tier, points);
}
