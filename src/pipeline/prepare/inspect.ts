import type { Fault, Warning } from '../../base/errors.ts';
import { inTurns } from '../../base/pieces.ts';
import type { Pronunciation } from '../../lexicon/language.ts';
import { buildLexicon } from '../../lexicon/merge.ts';
import { type PhoneLabels, readPhoneLabels } from '../../lexicon/phone-labels.ts';
import { isSilentLabel, type TextRules, textRulesOf } from '../../lexicon/text-rules.ts';
import { collectCandidatesInPieces } from '../../lexicon/words.ts';
import type { PreparedTier, ReadPair, TieredPair } from '../prepared.ts';
import type { TaskCounts } from '../stage.ts';
import { mayBeAligned, sortTiers } from './earlier-alignment.ts';
import type { Guesses, Inspection, InspectOptions } from './inspection.ts';
import { LimitCounter } from './limits.ts';
import { judgeMissingWords } from './missing-words.ts';
import type { PairedFiles } from './pairs.ts';
import { readPair } from './read-pair.ts';
import { readTables } from './tables.ts';
import { cleanLabels, type FoundTiers, findTiers } from './utterances.ts';

/**
 * Reads and checks every file of a task: audio, transcripts, times and words. Faults are collected, so that the user
 * fixes everything at once. Words that are in no dictionary are guessed, where that is possible and wanted.
 * @throws the reason of `place.signal`; system errors
 */
export async function inspect(
  input: Pick<PairedFiles, 'recordings' | 'tables'>,
  options: InspectOptions,
): Promise<Inspection> {
  const { language, engine } = options.resources;
  const rules = { ...textRulesOf(language), takesUnknown: engine.unknownPhone !== null };
  const { signal } = options.place;
  const read = await sortAllTiers(await readPairs(input, options), rules, options);
  const labels = await inTurns(cleanLabels(read.pairs, language), signal);
  const words = await inTurns(collectCandidatesInPieces(labels.values(), rules), signal);
  const look = async (suggested: readonly Pronunciation[]) => {
    const lexicon = await buildLexicon({
      language,
      userDictionaryPath: options.dictionary.path,
      maxUserLines: options.taskLimits.dictionaryLines,
      suggested,
      words,
    });
    return { lexicon, found: await inTurns(findTiers(read.pairs, labels, lexicon, rules), signal) };
  };

  let { lexicon, found } = await look([]);
  const faults = [...read.faults, ...lexicon.faults, ...found.faults];
  // An engine starts only for a task without any other fault.
  const guesses = faults.length === 0 ? await guess(found, options) : null;
  if (guesses !== null && guesses.pronunciations.length > 0) {
    ({ lexicon, found } = await look(guesses.pronunciations));
  }
  const counts = count(found);
  const verdict = judgeMissingWords(found.missing, { lexicon, counts, guesses, options });
  return {
    pairs: found.pairs,
    lexicon,
    counts,
    faults: [...faults, ...verdict.faults],
    warnings: [...read.warnings, ...found.warnings, ...verdict.warnings],
  };
}

async function readPairs(input: Pick<PairedFiles, 'recordings' | 'tables'>, options: InspectOptions) {
  const pairs: ReadPair[] = [];
  const tables = await readTables(input, options);
  const faults: Fault[] = [...tables.faults];
  const warnings: Warning[] = [...tables.warnings];
  const counter = new LimitCounter(options.taskLimits);
  for (const [index, recording] of input.recordings.entries()) {
    options.place.signal.throwIfAborted();
    const source = recording.transcript ?? tables.rows.get(recording);
    // Told by `readTables`.
    if (source === undefined) continue;
    const read = await readPair(`f${index + 1}`, recording, source, options);
    faults.push(...read.faults);
    warnings.push(...read.warnings);
    if (read.pair === null) continue;
    pairs.push(read.pair);
    faults.push(...counter.add(read.pair));
    if (counter.isOver) break;
  }
  return { pairs, faults, warnings };
}

/** Tells the tiers of speakers from those of an earlier alignment. */
async function sortAllTiers(
  read: Awaited<ReturnType<typeof readPairs>>,
  rules: TextRules,
  { resources: { language }, place }: InspectOptions,
) {
  const warnings: Warning[] = [...read.warnings];
  let phones: PhoneLabels | null = null;
  const pairs: ReadPair[] = [];
  for (const pair of read.pairs) {
    if (!mayBeAligned(pair.content)) {
      pairs.push(pair);
      continue;
    }
    phones ??= await readPhoneLabels(language);
    const isSilence = (label: string) => isSilentLabel(label, rules);
    const sorting = sortTiers(pair.content, pair.transcript.originalName, { phones, isSilence });
    const sorted = await inTurns(sorting, place.signal);
    warnings.push(...sorted.warnings);
    pairs.push({ ...pair, content: sorted.content });
  }
  return { ...read, pairs, warnings };
}

/** @returns null when no engine was asked */
async function guess({ missing }: FoundTiers, { guessWords }: InspectOptions): Promise<Guesses | null> {
  if (missing.length === 0 || guessWords === undefined) return null;
  return guessWords([...new Set(missing.map(({ word }) => word))]);
}

function count({ pairs, missing }: FoundTiers): TaskCounts {
  const tiers = pairs.flatMap((pair: TieredPair) => pair.tiers);
  return {
    fileCount: pairs.length,
    tierCount: tiers.length,
    wordCount: tiers.reduce((sum, tier) => sum + wordsOf(tier).length, 0),
    missingWordCount: missing.length,
    audioSec: pairs.reduce((sum, { wav }) => sum + wav.durationSec, 0),
    inputBytes: sizeOf(pairs),
  };
}

/** Bytes of all files together; one that describes many recordings counts once. */
function sizeOf(pairs: readonly TieredPair[]): number {
  const files = pairs.flatMap(({ audio, transcript }) => [audio, transcript]);
  const sizes = new Map(files.map((file) => [file.path, file.bytes]));
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Look-up forms of all words of a tier, in order, repeated as they are spoken. */
export function wordsOf(tier: PreparedTier): readonly string[] {
  return tier.utterances.flatMap(({ words }) => words);
}
