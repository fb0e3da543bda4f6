import path from 'node:path';
import type { Fault, Warning } from '../base/errors.ts';
import type { Place } from '../base/finding.ts';
import type { Log } from '../base/log.ts';
import type { Pronunciation } from '../lexicon/language.ts';
import { buildLexicon } from '../lexicon/merge.ts';
import { findNearWords } from '../lexicon/near-words.ts';
import type { UnknownWord } from '../lexicon/unknown-words.ts';
import { guessWords } from '../pipeline/prepare/guess-words.ts';
import type { InspectOptions } from '../pipeline/prepare/inspection.ts';
import { judgeMissingWords } from '../pipeline/prepare/missing-words.ts';
import type { EngineLimits } from '../pipeline/stage.ts';

/** A word that is in no dictionary. */
export interface MissingWord {
  readonly word: string;
  /** How often it occurs. */
  readonly count: number;
  /** Where it occurs first. */
  readonly place: Place;
  /** Words of the dictionary with a similar spelling. */
  readonly near: readonly string[];
  /** Pronunciations that were guessed, in the full phone set. */
  readonly guesses: readonly (readonly string[])[];
}

export interface WordReport {
  /** The most frequent first. */
  readonly missing: readonly MissingWord[];
  /** For a dictionary that the user completes. */
  readonly guessed: readonly Pronunciation[];
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
  /** Words for which the task would fail. */
  readonly refused: ReadonlySet<string>;
}

interface Guessing {
  readonly workspaceDir: string;
  readonly limits: EngineLimits;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What happens to the unknown words of all recordings, by the rules of the worker. */
export async function judgeWords(
  { missing, wordCount }: { readonly missing: readonly UnknownWord[]; readonly wordCount: number },
  options: InspectOptions,
  guessing: Guessing,
): Promise<WordReport> {
  if (missing.length === 0) {
    return { missing: [], guessed: [], faults: [], warnings: [], refused: new Set() };
  }
  const { language } = options.resources;
  const byWord = [...Map.groupBy(missing, ({ word }) => word)].sort(([, a], [, b]) => b.length - a.length);
  const words = byWord.map(([word]) => word);
  const guesses = await guessWords(words, options.resources, {
    ...guessing,
    logPath: path.join(guessing.workspaceDir, 'log'),
  });
  const lexicon = await buildLexicon({
    language,
    userDictionaryPath: null,
    suggested: guesses.pronunciations,
    words: new Set(words),
    signal: guessing.signal,
  });
  const verdict = judgeMissingWords(missing, {
    lexicon,
    counts: { wordCount },
    // Words that cannot be guessed here may be guessed where the task runs.
    guesses: guesses.pronunciations.length === 0 ? null : guesses,
    options,
  });
  const near = await findNearWords(words, language, guessing.signal);
  const isRefused = verdict.faults.length > 0;
  return {
    missing: byWord.flatMap(([word, [first, ...others]]) => {
      if (first === undefined) return [];
      const { word: _, ...place } = first;
      const guessed = lexicon.suggested.has(word) ? (lexicon.complex.get(word) ?? []) : [];
      return [{ word, count: others.length + 1, place, near: near.get(word) ?? [], guesses: guessed }];
    }),
    guessed: guesses.pronunciations,
    faults: verdict.faults,
    warnings: [...(guesses.pronunciations.length === 0 ? guesses.warnings : []), ...verdict.warnings],
    refused: new Set(isRefused ? words.filter((word) => !lexicon.suggested.has(word)) : []),
  };
}
