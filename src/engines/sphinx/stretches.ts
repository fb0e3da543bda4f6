import type { PlacedWord, Span, WordStretch } from '../stretches.ts';
import type { Stretch, StretchSource } from './job.ts';

/** Adds the places of words that follow each other in the text. @param firstWord - the place of the first of them */
export function toPlaced(words: readonly Span[], firstWord: number): PlacedWord[] {
  return words.map(({ startSec, endSec }, index) => ({ at: firstWord + index, startSec, endSec }));
}

export function toStretches(stretches: readonly WordStretch[], from: StretchSource): Stretch[] {
  return stretches.map((stretch) => ({ ...stretch, from }));
}

/** No speaker is faster: if a gap has less time for each word, its words are not said. */
const WORD_MIN_SEC = 0.08;
/** Aligning the words of a longer gap would take too much memory. */
const GAP_MAX_SEC = 30;
const GAP_MIN_SEC = 0.1;

/**
 * Adds stretches for the words between those that were found. Such words may be said in the audio between their neighbours.
 * @param found - in the order of the text
 */
export function addGaps(
  stretches: readonly Stretch[],
  found: readonly PlacedWord[],
  wordCount: number,
  bounds: Span,
): Stretch[] {
  const all = [...stretches, ...findGaps(found, wordCount, bounds)].sort((a, b) => a.firstWord - b.firstWord);
  // The edges of the neighbours reach into the gap: without this, two stretches would have the same audio.
  return all.map((stretch, index) => {
    const [before, after] = [all[index - 1], all[index + 1]];
    if (stretch.from === 'gap') return stretch;
    const startSec = before?.from === 'gap' ? Math.max(stretch.startSec, before.endSec) : stretch.startSec;
    const endSec = after?.from === 'gap' ? Math.min(stretch.endSec, after.startSec) : stretch.endSec;
    return { ...stretch, startSec, endSec };
  });
}

function findGaps(found: readonly PlacedWord[], wordCount: number, bounds: Span): Stretch[] {
  const start = { at: -1, startSec: bounds.startSec, endSec: bounds.startSec };
  const end = { at: wordCount, startSec: bounds.endSec, endSec: bounds.endSec };
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
