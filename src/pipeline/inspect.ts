import type { Fault, Warning } from '../base/errors.ts';
import { buildLexicon, type Lexicon } from '../lexicon/merge.ts';
import { describeUnknownWords, type UnknownWord } from '../lexicon/unknown-words.ts';
import { collectCandidates } from '../lexicon/words.ts';
import type { InputPair } from './input-files.ts';
import type { PreparedTier, ReadPair, TieredPair } from './prepared.ts';
import { readPair } from './read-pair.ts';
import type { Resources } from './resources.ts';
import type { PipelinePolicy, TaskCounts } from './stage.ts';
import { cleanLabels, makeTiers } from './utterances.ts';

/** With so large a share of unknown words the language is wrong, or the transcript is no transcript. */
const MAX_UNKNOWN_SHARE = 0.5;

export interface InspectOptions {
  readonly resources: Resources;
  readonly policy: PipelinePolicy;
  /** Folder that names in messages are relative to. */
  readonly dir: string;
  /** Folder that stored paths are relative to. */
  readonly uploadsDir: string;
  readonly dictionary: UserDictionaryFile;
  readonly signal: AbortSignal;
}

export interface UserDictionaryFile {
  /** Real path; null when there is none. */
  readonly path: string | null;
  /** How the user knows it. */
  readonly name: string;
}

/** All that can be known about a task's input without running its engine. */
export interface Inspection {
  readonly pairs: readonly TieredPair[];
  readonly lexicon: Lexicon;
  readonly counts: TaskCounts;
  /** Not empty: the task cannot run. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

/**
 * Reads and checks every file of a task: audio, transcripts, times and words. Faults are collected, so that the user
 * mends everything at once.
 * @throws the reason of `signal`; system errors
 */
export async function inspect(input: readonly InputPair[], options: InspectOptions): Promise<Inspection> {
  const { resources, signal, dictionary } = options;
  const { language } = resources;
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  const readable: ReadPair[] = [];
  for (const [index, one] of input.entries()) {
    signal.throwIfAborted();
    const read = await readPair(`f${index + 1}`, one, options.dir, options.uploadsDir, resources);
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
