import { must } from '../../base/must.ts';
import type { Speech } from '../../engines/engine.ts';
import { groupRows, type PlacedWord, type Span } from '../../engines/stretches.ts';
import type { PreparedUtterance } from '../prepared.ts';
import type { WordInPlace } from './match.ts';
import { joinShort, type Part, toPart } from './parts.ts';
import type { SpokenGap } from './spoken-gaps.ts';

/** What the cutter has found of an utterance, in time order. */
export interface Heard {
  readonly words: readonly WordInPlace[];
  /** Speech that is not in the text. */
  readonly unwritten: readonly Speech[];
  /** Words that were not found and may still be said. */
  readonly gaps: readonly SpokenGap[];
}

/** A longer pause beside words that were not found may hold speech, so it belongs to no part. */
const MAX_PAUSE_SEC = 0.25;

/** A word that was found, with what may be said beside it. */
interface Item extends PlacedWord {
  readonly places: readonly number[];
}

/**
 * Parts with the words that are said: cut at pauses, and where words were not found or others are spoken. Words that may
 * still be said are a part of their own if they have their own time; otherwise they stay with the words around them.
 * @param span - of the utterance or of some of its words; all of `heard` is inside
 */
export function cutSaid(utterance: PreparedUtterance, span: Span, heard: Heard): Part[] {
  const items = toItems(heard);
  let first = 0;
  const parts = groupRows(items, heard.unwritten, span).map((row) => {
    const own = items.slice(first, first + row.wordCount);
    first += row.wordCount;
    return toPart(
      utterance,
      row,
      own.flatMap(({ places }) => places),
    );
  });
  const apart = heard.gaps
    .filter(({ kind }) => kind === 'apart')
    .map((gap) => toPart(utterance, gap, placesOf(gap)));
  return joinShort(utterance, addParts(parts, apart));
}

/** The places of the words of a gap. */
export function placesOf({ firstWord, wordCount }: SpokenGap): number[] {
  return Array.from({ length: wordCount }, (_, index) => firstWord + index);
}

/** Numbers words so that a number is missing where other words may be spoken between two of them: no part goes across. */
function toItems({ words, gaps }: Heard): Item[] {
  const beside = new Map(gaps.flatMap((gap) => (gap.kind === 'beside' ? [[gap.firstWord, gap]] : [])));
  let breakCount = 0;
  return words.map(({ at, startSec, endSec }, index): Item => {
    const before = words[index - 1];
    const gapBefore = beside.get((before?.at ?? -1) + 1);
    const gapAfter = beside.get(at + 1);
    const isNext = before === undefined || at === before.at + 1 || gapBefore !== undefined;
    if (!isNext && startSec - before.endSec > MAX_PAUSE_SEC) breakCount += 1;
    const isFirst = before === undefined && gapBefore !== undefined;
    return {
      at: index + breakCount,
      // Without a pause after it, no part ends there.
      endSec: gapAfter?.endSec ?? endSec,
      startSec: isFirst ? gapBefore.startSec : startSec,
      places: [
        ...(isFirst ? placesOf(gapBefore) : []),
        at,
        ...(gapAfter === undefined ? [] : placesOf(gapAfter)),
      ],
    };
  });
}

/** Parts reach a little beyond their words; the audio of a gap belongs to the words in it. */
function addParts(parts: readonly Part[], gaps: readonly Part[]): Part[] {
  const isGap = new Set(gaps);
  const firstOf = ({ places }: Part): number => must(places[0], 'the words of a part');
  const all = [...parts, ...gaps].sort((a, b) => firstOf(a) - firstOf(b));
  return all.map((part, index) => {
    if (isGap.has(part)) return part;
    const [before, after] = [all[index - 1], all[index + 1]];
    const startSec =
      before !== undefined && isGap.has(before) ? Math.max(part.startSec, before.endSec) : part.startSec;
    const endSec =
      after !== undefined && isGap.has(after) ? Math.min(part.endSec, after.startSec) : part.endSec;
    return { ...part, startSec, endSec };
  });
}
