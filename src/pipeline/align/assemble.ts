import { must } from '../../base/must.ts';
import type { Speech, Utterance } from '../../engines/engine.ts';
import type { PreparedUtterance, Recording } from '../prepared.ts';
import type { Cut } from './cut.ts';
import type { Doubtful, Found } from './engine-run.ts';
import type { WordInPlace } from './match.ts';
import { isPart } from './parts.ts';

/** What was found so far, by utterance, or by part if an utterance was cut. */
export interface Pieces {
  /** By whole utterance. */
  readonly cuts: Map<PreparedUtterance, Cut>;
  readonly words: Map<PreparedUtterance, readonly WordInPlace[]>;
  readonly partial: Set<PreparedUtterance>;
  readonly doubtful: Map<PreparedUtterance, Doubtful>;
  /** What no run has reached. */
  readonly untried: Set<Utterance>;
}

/** Adds what a run found for each utterance if it is better than before: more words, or as many but no longer partial. */
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

/** Why a word that the engine was given is missing: the engine did not return it, or was not tried with it. */
export type Missing = 'lost' | 'untried';

export interface Assembled {
  /** Of whole utterances. */
  readonly words: ReadonlyMap<PreparedUtterance, readonly WordInPlace[]>;
  /** By place in the utterance, each word that the engine was given and did not return. */
  readonly missing: ReadonlyMap<PreparedUtterance, ReadonlyMap<number, Missing>>;
  /** Speech that is not in the text, by tier, in time order. */
  readonly unwritten: ReadonlyMap<string, readonly Speech[]>;
}

/**
 * Puts the parts of utterances together again.
 * @param heard - speech that is not in the text, as far as the engine itself noticed it
 */
export function assemble(
  recordings: readonly Recording[],
  { cuts, words, partial, untried }: Pieces,
  heard: Found['unwritten'],
): Assembled {
  const whole = new Map<PreparedUtterance, readonly WordInPlace[]>();
  const missing = new Map<PreparedUtterance, ReadonlyMap<number, Missing>>();
  const unwritten = new Map<string, readonly Speech[]>();
  for (const { id, utterances } of recordings.flatMap(({ tiers }) => tiers)) {
    const speeches = [...(heard.get(id) ?? [])];
    for (const utterance of utterances) {
      const cut = cuts.get(utterance);
      const own = cut === undefined ? (words.get(utterance) ?? []) : joinParts(cut, words);
      // Words that the engine itself leaves out on purpose are not lost.
      const mayLack = cut !== undefined || partial.has(utterance) || own.length === 0;
      if (mayLack) missing.set(utterance, findMissing(cut?.parts ?? [utterance], own, untried));
      if (own.length === 0) continue;
      whole.set(utterance, own);
      speeches.push(...(cut?.unwritten ?? []));
    }
    unwritten.set(
      id,
      speeches.sort((a, b) => a.startSec - b.startSec),
    );
  }
  return { words: whole, missing, unwritten };
}

function findMissing(
  asked: readonly PreparedUtterance[],
  found: readonly WordInPlace[],
  untried: Pieces['untried'],
): Map<number, Missing> {
  const isFound = new Set(found.map(({ at }) => at));
  const missing = new Map<number, Missing>();
  for (const one of asked) {
    for (const place of isPart(one) ? one.places : one.words.keys())
      if (!isFound.has(place)) missing.set(place, untried.has(one) ? 'untried' : 'lost');
  }
  return missing;
}

function joinParts({ parts }: Cut, words: Pieces['words']): WordInPlace[] {
  return parts.flatMap((part) =>
    (words.get(part) ?? []).map((word) => ({
      ...word,
      at: must(part.places[word.at], `word ${word.at} of a part that has ${part.places.length}`),
    })),
  );
}
