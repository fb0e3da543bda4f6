import type { Fault, Warning } from '../base/errors.ts';
import { buildLexicon } from '../lexicon/merge.ts';
import { describeUnknownWords, type UnknownWord } from '../lexicon/unknown-words.ts';
import { collectCandidates } from '../lexicon/words.ts';
import type { InputPair } from './input-files.ts';
import type { Inspection, InspectOptions } from './inspection.ts';
import type { PreparedTier, ReadPair, TieredPair } from './prepared.ts';
import { readPair } from './read-pair.ts';
import type { TaskCounts } from './stage.ts';
import { cleanLabels, makeTiers } from './utterances.ts';

/** With so large a share of unknown words the language is wrong, or the transcript is no transcript. */
const MAX_UNKNOWN_SHARE = 0.5;

/**
 * Reads and checks every file of a task: audio, transcripts, times and words. Faults are collected, so that the user
 * mends everything at once.
 * @throws the reason of `place.signal`; system errors
 */
export async function inspect(input: readonly InputPair[], options: InspectOptions): Promise<Inspection> {
  const { resources, place, dictionary } = options;
  const { language } = resources;
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  const readable: ReadPair[] = [];
  for (const [index, one] of input.entries()) {
    place.signal.throwIfAborted();
    const read = await readPair(`f${index + 1}`, one, options);
    faults.push(...read.faults);
    warnings.push(...read.warnings);
    if (read.pair !== null) readable.push(read.pair);
  }
  const labels = cleanLabels(readable, language);
  const lexicon = await buildLexicon({
    language,
    userDictionaryPath: dictionary.path,
    suggested: [],
    words: collectCandidates(labels.values()),
  });
  faults.push(...lexicon.faults);
  const unknown: UnknownWord[] = [];
  const pairs = readable.map((pair): TieredPair => {
    const made = makeTiers(pair, labels, lexicon, unknown);
    faults.push(...made.faults);
    warnings.push(...made.warnings);
    return { ...pair, tiers: made.tiers };
  });
  const counts = count(pairs, unknown.length);
  judgeUnknownWords(unknown, counts, options, faults, warnings);
  return { pairs, lexicon, counts, faults, warnings };
}

/** Unknown words are marked and reported, or fail the task: by policy, by what the engine can do, and by their number. */
function judgeUnknownWords(
  unknown: readonly UnknownWord[],
  counts: TaskCounts,
  { resources: { language, engine }, policy, dictionary }: InspectOptions,
  faults: Fault[],
  warnings: Warning[],
): void {
  if (unknown.length === 0) return;
  const isMostUnknown = unknown.length / counts.wordCount > MAX_UNKNOWN_SHARE;
  if (isMostUnknown) {
    faults.push({
      code: 'E_WORDS_UNKNOWN',
      message:
        `${unknown.length} of ${counts.wordCount} words are not in the dictionary of ${language.displayName}: ` +
        'is that the language of the recordings?',
    });
  }
  if (isMostUnknown || policy.unknownWords === 'fail' || engine.unknownPhone === null) {
    faults.push(...describeUnknownWords('E_WORDS_UNKNOWN', unknown, language, dictionary.name));
  } else {
    warnings.push(...describeUnknownWords('W_WORD_UNKNOWN', unknown, language, dictionary.name));
  }
}

function count(pairs: readonly TieredPair[], missingWordCount: number): TaskCounts {
  const tiers = pairs.flatMap((pair) => pair.tiers);
  return {
    fileCount: pairs.length,
    tierCount: tiers.length,
    wordCount: tiers.reduce((sum, tier) => sum + wordsOf(tier).length, 0),
    missingWordCount,
    audioSec: pairs.reduce((sum, { wav }) => sum + wav.durationSec, 0),
    inputBytes: pairs.reduce((sum, { audio, transcript }) => sum + audio.bytes + transcript.bytes, 0),
  };
}

/** Look-up forms of all words of a tier, in order, repeated as they are spoken. */
export function wordsOf(tier: PreparedTier): readonly string[] {
  return tier.utterances.flatMap(({ words }) => words);
}
