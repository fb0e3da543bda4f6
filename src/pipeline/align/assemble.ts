import { must } from '../../base/must.ts';
import type { Speech } from '../../engines/engine.ts';
import type { PreparedUtterance, Recording } from '../prepared.ts';
import type { Cut } from './cut.ts';
import type { Doubtful, Found } from './engine-run.ts';
import type { WordInPlace } from './match.ts';

/** What was found so far, by utterance, or by part if an utterance was cut. */
export interface Pieces {
  /** By whole utterance. */
  readonly cuts: Map<PreparedUtterance, Cut>;
  readonly words: Map<PreparedUtterance, readonly WordInPlace[]>;
  readonly partial: Set<PreparedUtterance>;
  readonly doubtful: Map<PreparedUtterance, Doubtful>;
}

/**
 * Adds the result of a run if it is better than the earlier one: it has more words, or as many and none too few or too
 * many.
 */
export function addFound(
  pieces: Pieces,
  found: Found,
  doubtOf: (utterance: PreparedUtterance) => Doubtful | undefined,
): void {
  for (const [utterance, words] of found.words) {
    const count = pieces.words.get(utterance)?.length ?? 0;
    const isCleaner = pieces.partial.has(utterance) && !found.partial.has(utterance);
    if (words.length < count || (words.length === count && !isCleaner)) continue;
    pieces.words.set(utterance, words);
    pieces.partial.delete(utterance);
    if (found.partial.has(utterance)) pieces.partial.add(utterance);
    const doubt = found.doubtful.get(utterance) ?? doubtOf(utterance);
    pieces.doubtful.delete(utterance);
    if (doubt !== undefined) pieces.doubtful.set(utterance, doubt);
  }
}

export interface Assembled {
  /** Of whole utterances. */
  readonly words: ReadonlyMap<PreparedUtterance, readonly WordInPlace[]>;
  /**
   * Places of words that the engine was asked for and did not give back, for utterances of which other words came back.
   */
  readonly lost: ReadonlyMap<PreparedUtterance, ReadonlySet<number>>;
  /** Speech that is not in the text, by tier, in time order. */
  readonly unwritten: ReadonlyMap<string, readonly Speech[]>;
}

/**
 * Puts the parts of utterances together again.
 * @param heard - what the engine itself noticed of speech that is not in the text
 */
export function assemble(
  recordings: readonly Recording[],
  { cuts, words, partial }: Pieces,
  heard: Found['unwritten'],
): Assembled {
  const whole = new Map<PreparedUtterance, readonly WordInPlace[]>();
  const lost = new Map<PreparedUtterance, ReadonlySet<number>>();
  const unwritten = new Map<string, readonly Speech[]>();
  for (const { id, utterances } of recordings.flatMap(({ tiers }) => tiers)) {
    const speeches = [...(heard.get(id) ?? [])];
    for (const utterance of utterances) {
      const cut = cuts.get(utterance);
      const own = cut === undefined ? (words.get(utterance) ?? []) : joinParts(cut, words);
      if (own.length === 0) continue;
      whole.set(utterance, own);
      const asked = cut?.parts.flatMap(({ places }) => places) ?? [...utterance.words.keys()];
      // Words that the engine itself leaves out on purpose are not lost.
      const mayLack = cut !== undefined || partial.has(utterance);
      const given = new Set(own.map(({ at }) => at));
      if (mayLack) lost.set(utterance, new Set(asked.filter((place) => !given.has(place))));
      speeches.push(...(cut?.unwritten ?? []));
    }
    unwritten.set(
      id,
      speeches.sort((a, b) => a.startSec - b.startSec),
    );
  }
  return { words: whole, lost, unwritten };
}

function joinParts({ parts }: Cut, words: Pieces['words']): WordInPlace[] {
  return parts.flatMap((part) =>
    (words.get(part) ?? []).map((word) => ({
      ...word,
      at: must(part.places[word.at], `word ${word.at} of a part that has ${part.places.length}`),
    })),
  );
}
