import { inspectPart, type PartWords, withSources } from './inspect-part.ts';
import type { Guesses, Inspection, InspectOptions } from './inspection.ts';
import { LimitCounter } from './limits.ts';
import { judgeMissingWords } from './missing-words.ts';
import type { PairedFiles } from './pairs.ts';
import { readTables } from './tables.ts';

/**
 * Reads and checks every file of a task: audio, transcripts, times and words. Faults are collected, so that the user can fix
 * all of them at once. Words that are in no dictionary are guessed if an engine may run.
 * @throws the reason of `place.signal`; system errors
 */
export async function inspect(
  input: Pick<PairedFiles, 'recordings' | 'tables'>,
  options: InspectOptions,
): Promise<Inspection> {
  const tables = await readTables(input, options);
  const recordings = withSources(input.recordings, tables);
  const part = await inspectPart(recordings, options, new LimitCounter(options.taskLimits));
  const faults = [...tables.faults, ...part.dictionaryFaults, ...part.faults];
  // An engine starts only for a task without any other fault.
  const guesses = faults.length === 0 ? await guess(part, options) : null;
  const isGuessed = guesses !== null && guesses.pronunciations.length > 0;
  const { pairs, lexicon, counts, missing } = isGuessed ? await part.lookAgain(guesses.pronunciations) : part;
  const verdict = judgeMissingWords(missing, { lexicon, counts, guesses, options });
  return {
    pairs,
    lexicon,
    counts,
    faults: [...faults, ...verdict.faults],
    warnings: [...tables.warnings, ...part.warnings, ...verdict.warnings],
  };
}

/** @returns null when no engine was asked */
async function guess({ missing }: PartWords, { guessWords }: InspectOptions): Promise<Guesses | null> {
  if (missing.length === 0 || guessWords === undefined) return null;
  return guessWords([...new Set(missing.map(({ word }) => word))]);
}
