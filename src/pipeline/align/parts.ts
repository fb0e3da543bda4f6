import { must } from '../../base/must.ts';
import { MIN_UTTERANCE_SEC } from '../../engines/engine.ts';
import type { Span } from '../../engines/stretches.ts';
import { linesOf } from '../../formats/tiers.ts';
import type { PreparedUtterance } from '../prepared.ts';

/** A part of an utterance: some of its words and their time. An engine gets parts instead of the utterance. */
export interface Part extends PreparedUtterance {
  /** Places of its words within the whole utterance. */
  readonly places: readonly number[];
}

export function isPart(utterance: PreparedUtterance): utterance is Part {
  return 'places' in utterance;
}

export function toPart(
  utterance: PreparedUtterance,
  { startSec, endSec }: Span,
  places: readonly number[],
): Part {
  const wordAt = (words: readonly string[], place: number): string =>
    must(words[place], `word ${place} of an utterance that has ${words.length}`);
  return {
    interval: utterance.interval,
    ...linesOf(utterance),
    startSec,
    endSec,
    places,
    words: places.map((place) => wordAt(utterance.words, place)),
    written: places.map((place) => wordAt(utterance.written, place)),
  };
}

/**
 * Joins each part that is too short for engines to its nearer neighbour, so that no word is lost. A short part without a
 * neighbour gets more time.
 * @param parts - of one utterance, in the order of time and of the text
 */
export function joinShort(utterance: PreparedUtterance, parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const [index, part] of parts.entries()) {
    const last = joined.at(-1);
    const next = parts[index + 1];
    const isNearer = next === undefined || part.startSec - (last?.endSec ?? 0) <= next.startSec - part.endSec;
    // The last part is short and nearer to this one, or this one is short and nearer to the last.
    if (last !== undefined && (isShort(last) || (isShort(part) && isNearer)))
      joined.splice(-1, 1, join(utterance, last, part));
    else joined.push(part);
  }
  const [first, second] = joined.slice(-2);
  if (first !== undefined && second !== undefined && isShort(second))
    joined.splice(-2, 2, join(utterance, first, second));
  return joined.map((part) => (isShort(part) ? widen(utterance, part) : part));
}

function isShort({ startSec, endSec }: Span): boolean {
  return endSec - startSec < MIN_UTTERANCE_SEC;
}

function join(utterance: PreparedUtterance, one: Part, other: Part): Part {
  const span = { startSec: one.startSec, endSec: other.endSec };
  return toPart(utterance, span, [...one.places, ...other.places]);
}

function widen(utterance: PreparedUtterance, part: Part): Part {
  const startSec = Math.max(utterance.startSec, part.endSec - MIN_UTTERANCE_SEC);
  return { ...part, startSec, endSec: Math.min(utterance.endSec, startSec + MIN_UTTERANCE_SEC) };
}
