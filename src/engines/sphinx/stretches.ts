import type { Stretch } from './job.ts';

export interface Span {
  readonly startSec: number;
  readonly endSec: number;
}

/** A word where it was found. */
export interface PlacedWord extends Span {
  /** Place within the utterance. */
  readonly at: number;
}

/** @param firstWord - the place of the first of the words, which follow each other in the text */
export function toPlaced(words: readonly Span[], firstWord: number): PlacedWord[] {
  return words.map(({ startSec, endSec }, index) => ({ at: firstWord + index, startSec, endSec }));
}

const STRETCH_MIN_SEC = 6;
const STRETCH_MAX_SEC = 25;
/** Silence left around a stretch's words. */
const EDGE_SEC = 0.3;
/** Faster nobody speaks: words in less time than this each are not said. */
const WORD_MIN_SEC = 0.08;
/** Longer ones would take too much memory at once. */
const GAP_MAX_SEC = 30;
const GAP_MIN_SEC = 0.1;

/**
 * Cuts words that follow each other in the text into stretches of at most 26 s, at their longest pauses.
 * @param count - so many of them; the others only say where the last stretch may end
 * @param room - where the stretches have to be
 */
export function group(words: readonly PlacedWord[], count: number, room: Span): Stretch[] {
  const stretches: Stretch[] = [];
  let lowSec = room.startSec;
  for (let first = 0; first < count; ) {
    const last = chooseLast(words, first, count);
    const highSec = last === words.length - 1 ? room.endSec : seam(words, last + 1, room.endSec);
    stretches.push({
      startSec: Math.max(lowSec, (words[first]?.startSec ?? 0) - EDGE_SEC),
      endSec: Math.min(highSec, (words[last]?.endSec ?? 0) + EDGE_SEC),
      firstWord: words[first]?.at ?? 0,
      wordCount: last + 1 - first,
      from: 'text',
    });
    lowSec = highSec;
    first = last + 1;
  }
  return stretches;
}

/** The same for words with others between them, and with other speech, which is left out. */
export function groupRows(words: readonly PlacedWord[], others: readonly Span[], room: Span): Stretch[] {
  const stretches: Stretch[] = [];
  let other = 0;
  let lowSec = room.startSec;
  for (let first = 0; first < words.length; ) {
    let next = first + 1;
    const isRow = (): boolean => {
      const [before, after] = [words[next - 1], words[next]];
      return before !== undefined && after?.at === before.at + 1 && !hasOther(others, before, after);
    };
    while (isRow()) next++;
    const row = words.slice(first, next);
    const [start, end] = [row[0]?.startSec ?? 0, row.at(-1)?.endSec ?? 0];
    for (; (others[other]?.startSec ?? Number.POSITIVE_INFINITY) < start; other++)
      lowSec = Math.max(lowSec, Math.min(start, others[other]?.endSec ?? 0));
    const after = Math.min(words[next]?.startSec ?? room.endSec, others[other]?.startSec ?? room.endSec);
    const highSec =
      next < words.length || after < room.endSec ? (end + Math.max(end, after)) / 2 : room.endSec;
    for (const one of group(row, row.length, { startSec: lowSec, endSec: highSec })) {
      stretches.push({ ...one, from: 'search' });
    }
    lowSec = highSec;
    first = next;
  }
  return stretches;
}

/**
 * Adds the words between those that were found, each lot with the sound between its neighbours: they may be said there.
 * @param found - in the order of the text
 */
export function addGaps(
  stretches: readonly Stretch[],
  found: readonly PlacedWord[],
  wordCount: number,
  room: Span,
): Stretch[] {
  const all = [...stretches, ...findGaps(found, wordCount, room)].sort((a, b) => a.firstWord - b.firstWord);
  // Neighbours reach into the gap by their edges; the same sound must not be given away twice.
  return all.map((stretch, index) => {
    const [before, after] = [all[index - 1], all[index + 1]];
    if (stretch.from === 'gap') return stretch;
    const startSec = before?.from === 'gap' ? Math.max(stretch.startSec, before.endSec) : stretch.startSec;
    const endSec = after?.from === 'gap' ? Math.min(stretch.endSec, after.startSec) : stretch.endSec;
    return { ...stretch, startSec, endSec };
  });
}

function findGaps(found: readonly PlacedWord[], wordCount: number, room: Span): Stretch[] {
  const start = { at: -1, startSec: room.startSec, endSec: room.startSec };
  const end = { at: wordCount, startSec: room.endSec, endSec: room.endSec };
  const neighbours = [start, ...found, end];
  return neighbours.slice(1).flatMap((after, index): Stretch[] => {
    const before = neighbours[index] ?? start;
    const count = after.at - before.at - 1;
    const [startSec, endSec] = [before.endSec, after.startSec];
    const minSec = Math.max(GAP_MIN_SEC, count * WORD_MIN_SEC);
    const isPossible = endSec - startSec >= minSec && endSec - startSec <= GAP_MAX_SEC;
    return count > 0 && isPossible
      ? [{ startSec, endSec, firstWord: before.at + 1, wordCount: count, from: 'gap' }]
      : [];
  });
}

/** The middle of the pause after the first `count` words. */
export function seam(words: readonly Span[], count: number, endSec: number): number {
  const lastEndSec = words[count - 1]?.endSec ?? endSec;
  return (lastEndSec + (words[count]?.startSec ?? lastEndSec)) / 2;
}

export function gapAfter(words: readonly Span[], at: number): number {
  const next = words[at + 1];
  return next === undefined ? 0 : next.startSec - (words[at]?.endSec ?? 0);
}

/** The last word of the stretch that begins with word `first`: all that are left, or those up to the longest pause. */
function chooseLast(words: readonly PlacedWord[], first: number, count: number): number {
  const fromSec = words[first]?.startSec ?? 0;
  const spanSec = (at: number): number => (words[at]?.endSec ?? 0) - fromSec;
  if (spanSec(count - 1) <= STRETCH_MAX_SEC) return count - 1;
  let best = first;
  for (let at = first + 1; at < count && spanSec(at) <= STRETCH_MAX_SEC; at++) {
    if (spanSec(best) < STRETCH_MIN_SEC || gapAfter(words, at) >= gapAfter(words, best)) best = at;
  }
  return best;
}

function hasOther(others: readonly Span[], before: Span, after: Span): boolean {
  return others.some(({ startSec }) => startSec >= before.startSec && startSec < after.startSec);
}
