import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import type { Interval } from '../../src/formats/tiers.ts';
import { lookupForm } from '../../src/lexicon/lookup-form.ts';

/** How a result compares with the reference in one kind of unit. */
export interface Comparison {
  /** Number of words, or phones, in the reference. */
  readonly referenceCount: number;
  /** How many of them the result has, too, and were compared. */
  readonly matchedCount: number;
  /** Start and end of each matched unit: absolute difference in milliseconds. */
  readonly errorsMs: readonly number[];
}

interface Word extends Interval {
  readonly phones: readonly Interval[];
}

interface Sentence {
  readonly inReference: readonly Word[];
  readonly inResult: readonly Word[];
}

const SILENCES: ReadonlySet<string> = new Set(['', 'sp', 'sil', '<sil>', '{sil}', '<eps>']);
/** A word of a result may be part of a written word: `l'` and `école`, `est` and `-ce`. */
const LEANS_ON_NEXT = /['\u2019]$/;
const LEANS_ON_LAST = /^['\u2019-]/;
const OUTER_PUNCTUATION = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/**
 * Compares the words of a result with a reference. Both have, for each speaker, the tiers of a result: `<tier> - word`,
 * `<tier> - phone`; the reference also `<tier> - trans` with the sentences. Words are matched in order within a
 * sentence; a word that only the reference has counts as missing.
 */
export function compareWords(result: TextGrid, reference: TextGrid): Comparison {
  const sentences = sentencesOf(result, reference);
  const pairs = sentences.flatMap(matchWords);
  return {
    referenceCount: sentences.reduce((count, { inReference }) => count + inReference.length, 0),
    matchedCount: pairs.length,
    errorsMs: pairs.flatMap(([mine, theirs]) => boundaryErrorsMs(mine, theirs)),
  };
}

/**
 * Compares the phones of a result with a reference, in matched words that have the same phones in the same order in
 * both. For other words it is not known which boundaries belong together.
 * @param toResultLabel - phone of the reference -> phone of the result's alphabet
 */
export function comparePhones(
  result: TextGrid,
  reference: TextGrid,
  toResultLabel: (label: string) => string,
): Comparison {
  const sentences = sentencesOf(result, reference);
  const pairs = sentences.flatMap(matchWords).flatMap(([mine, theirs]) => {
    const isSame =
      mine.phones.length === theirs.phones.length &&
      mine.phones.every(({ text }, index) => text === toResultLabel(theirs.phones[index]?.text ?? ''));
    return isSame ? zip(mine.phones, theirs.phones) : [];
  });
  return {
    referenceCount: sentences.reduce(
      (count, { inReference }) => count + inReference.reduce((sum, { phones }) => sum + phones.length, 0),
      0,
    ),
    matchedCount: pairs.length,
    errorsMs: pairs.flatMap(([mine, theirs]) => boundaryErrorsMs(mine, theirs)),
  };
}

/** All sentences of all speakers of the reference, each with its words in both documents. */
function sentencesOf(result: TextGrid, reference: TextGrid): Sentence[] {
  return reference.tiers
    .filter(({ name }) => name.endsWith(' - trans'))
    .flatMap(({ name }) => {
      const tier = name.slice(0, -' - trans'.length);
      const inReference = wordsOf(reference, tier);
      const inResult = wordsOf(result, tier);
      return labelled(reference, name).map((sentence) => ({
        inReference: inReference.filter((word) => isInside(word, sentence)),
        inResult: inResult.filter((word) => isInside(word, sentence)),
      }));
    });
}

function wordsOf(grid: TextGrid, tier: string): Word[] {
  const phones = labelled(grid, `${tier} - phone`);
  const written: Interval[] = [];
  for (const word of labelled(grid, `${tier} - word`)) {
    const last = written.at(-1);
    if (last !== undefined && (LEANS_ON_NEXT.test(last.text) || LEANS_ON_LAST.test(word.text))) {
      written.pop();
      written.push({ startSec: last.startSec, endSec: word.endSec, text: last.text + word.text });
    } else written.push(word);
  }
  return written.map((word) => ({
    ...word,
    text: lookupForm(word.text.replace(OUTER_PUNCTUATION, '')),
    phones: phones.filter((phone) => isInside(phone, word)),
  }));
}

/** The intervals of a tier that are not silence. */
function labelled(grid: TextGrid, name: string): readonly Interval[] {
  const tier = grid.tiers.find((one) => one.name === name);
  if (tier?.kind !== 'interval') return [];
  return tier.intervals.filter(({ text }) => !SILENCES.has(text.trim().toLowerCase()));
}

function isInside(inner: Interval, outer: Interval): boolean {
  const middleSec = (inner.startSec + inner.endSec) / 2;
  return outer.startSec <= middleSec && middleSec < outer.endSec;
}

/** The longest common sequence of words, as pairs of a word of the result and a word of the reference. */
function matchWords({ inResult, inReference }: Sentence): [mine: Word, theirs: Word][] {
  const lengths = inResult.map(() => new Array<number>(inReference.length).fill(0));
  const lengthFrom = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (const [i, mine] of [...inResult.entries()].reverse()) {
    for (const [j, theirs] of [...inReference.entries()].reverse()) {
      const row = lengths[i] ?? [];
      row[j] =
        mine.text === theirs.text
          ? 1 + lengthFrom(i + 1, j + 1)
          : Math.max(lengthFrom(i + 1, j), lengthFrom(i, j + 1));
    }
  }
  const pairs: [Word, Word][] = [];
  for (let i = 0, j = 0; i < inResult.length && j < inReference.length; ) {
    const mine = inResult[i];
    const theirs = inReference[j];
    if (mine !== undefined && theirs !== undefined && mine.text === theirs.text) {
      pairs.push([mine, theirs]);
      i += 1;
      j += 1;
    } else if (lengthFrom(i + 1, j) >= lengthFrom(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

function boundaryErrorsMs(mine: Interval, theirs: Interval): number[] {
  return [Math.abs(mine.startSec - theirs.startSec) * 1000, Math.abs(mine.endSec - theirs.endSec) * 1000];
}

function zip<T>(left: readonly T[], right: readonly T[]): [T, T][] {
  return left.flatMap((one, index) => {
    const other = right[index];
    return other === undefined ? [] : [[one, other] satisfies [T, T]];
  });
}
