import type { Fault, Warning } from '../../base/errors.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Lexicon } from '../../lexicon/merge.ts';
import { describeGuessedWords, describeUnknownWords, type UnknownWord } from '../../lexicon/unknown-words.ts';
import type { PipelinePolicy, TaskCounts } from '../stage.ts';
import type { Guesses, InspectOptions } from './inspection.ts';

/** If a larger share of the words is in no dictionary, the language is wrong, or the file is no transcript. */
const MAX_MISSING_SHARE = 0.5;

export interface MissingWordsCase {
  /** With the guesses in it. */
  readonly lexicon: Lexicon;
  readonly counts: Pick<TaskCounts, 'wordCount'>;
  /** Null: no engine was asked to guess. */
  readonly guesses: Guesses | null;
  readonly options: Pick<InspectOptions, 'resources' | 'policy' | 'dictionary'>;
}

/**
 * The only place that decides about words in no dictionary. Those that were guessed are aligned and reported; those that may
 * still be guessed are reported. The others are reported too, or they fail the task: by policy, if the engine cannot align
 * them, or if they are most of the words.
 */
export function judgeMissingWords(
  missing: readonly UnknownWord[],
  { lexicon, counts, guesses, options }: MissingWordsCase,
): { readonly faults: readonly Fault[]; readonly warnings: readonly Warning[] } {
  const { resources, policy, dictionary } = options;
  const { language, engine, guessers } = resources;
  const isMost = (some: readonly UnknownWord[]) => some.length > counts.wordCount * MAX_MISSING_SHARE;
  const doubt =
    `${missing.length} of ${counts.wordCount} words are not in the dictionary of ${language.displayName}: ` +
    'is that the language of the recordings?';
  const [guessed, unknown] = split(missing, ({ word }) => lexicon.suggested.has(word));

  const warnings: Warning[] = [...(guesses?.warnings ?? [])];
  if (isMost(guessed)) warnings.push({ code: 'W_WORD_GUESSED', text: doubt });
  const phonesOf = (word: string) => lexicon.complex.get(word) ?? [];
  warnings.push(...describeGuessedWords(guessed, phonesOf, language, dictionary.name));

  const mayStillBeGuessed = guesses === null && guessers.length > 0;
  const isFatal = isMost(unknown) || policy.unknownWords === 'fail' || engine.unknownPhone === null;
  const describe = <Code extends 'W_WORD_UNKNOWN' | 'E_WORDS_UNKNOWN'>(code: Code, consequence: string) =>
    describeUnknownWords(code, unknown, language, { dictionary: dictionary.name, consequence });
  if (mayStillBeGuessed || !isFatal) {
    const consequence = mayStillBeGuessed
      ? 'a guess will be made of it; to be sure,'
      : 'it counts as unknown sound;';
    return { faults: [], warnings: [...warnings, ...describe('W_WORD_UNKNOWN', consequence)] };
  }
  const faults: Fault[] = describe('E_WORDS_UNKNOWN', whyRefused(engine, guesses, policy));
  // A failed task shows no warnings, so the reason why there are no guesses is among the faults.
  for (const { text } of guesses?.warnings ?? []) faults.unshift({ code: 'E_WORDS_UNKNOWN', text });
  if (isMost(unknown)) faults.unshift({ code: 'E_WORDS_UNKNOWN', text: doubt });
  return { faults, warnings };
}

function whyRefused(
  { name, unknownPhone }: Engine,
  guesses: Guesses | null,
  { unknownWords }: Pick<PipelinePolicy, 'unknownWords'>,
): string {
  if (unknownPhone !== null) {
    return unknownWords === 'fail'
      ? 'such words are refused here (UNKNOWN_WORDS=fail);'
      : 'with so many of them nothing is aligned;';
  }
  const guess = guesses === null ? '' : ', and no guess could be made of it';
  return `${name} cannot align a word without a pronunciation${guess};`;
}

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
