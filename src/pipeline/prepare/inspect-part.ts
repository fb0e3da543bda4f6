import type { Fault, Warning } from '../../base/errors.ts';
import { inOrder } from '../../base/in-order.ts';
import { inTurns } from '../../base/pieces.ts';
import type { Pronunciation } from '../../lexicon/language.ts';
import { buildLexicon, type Lexicon } from '../../lexicon/merge.ts';
import { type PhoneLabels, readPhoneLabels } from '../../lexicon/phone-labels.ts';
import { isSilentLabel, type TextRules, textRulesOf } from '../../lexicon/text-rules.ts';
import type { UnknownWord } from '../../lexicon/unknown-words.ts';
import { collectCandidatesInPieces } from '../../lexicon/words.ts';
import type { PreparedTier, ReadPair, TieredPair } from '../prepared.ts';
import type { TaskCounts } from '../stage.ts';
import { mayBeAligned, sortTiers } from './earlier-alignment.ts';
import type { InspectOptions } from './inspection.ts';
import type { LimitCounter } from './limits.ts';
import type { InputPath, InputRecording } from './pairs.ts';
import { type Rows, readPair } from './read-pair.ts';
import type { TablesReport } from './tables.ts';
import { cleanLabels, type FoundTiers, findTiers } from './utterances.ts';

/** Recordings that `check` reads at the same time: the disk reads one while the processor works on another. */
const CHECK_LANES = 4;

/** A recording with the source of its transcript: a file of its own, or the rows of a table. */
export interface SourcedRecording {
  readonly recording: InputRecording;
  readonly source: InputPath | Rows;
}

/** What is found in recordings of a task, before words that are in no dictionary are judged. */
export interface InspectedPart extends PartWords {
  /** In recordings and transcripts. */
  readonly faults: readonly Fault[];
  /** In the user's dictionary. */
  readonly dictionaryFaults: readonly Fault[];
  readonly warnings: readonly Warning[];
  /** Looks the words up again, with more pronunciations. */
  readonly lookAgain: (suggested: readonly Pronunciation[]) => Promise<PartWords>;
}

export interface PartWords {
  readonly pairs: readonly TieredPair[];
  readonly lexicon: Lexicon;
  readonly counts: TaskCounts;
  /** Every occurrence of a word that is in no dictionary, whether its pronunciation was guessed or not. */
  readonly missing: readonly UnknownWord[];
}

/** The recordings that have a source of their transcript. The others are faults already. */
export function withSources(
  recordings: readonly InputRecording[],
  { rows }: Pick<TablesReport, 'rows'>,
): SourcedRecording[] {
  return recordings.flatMap((recording) => {
    const source = recording.transcript ?? rows.get(recording);
    return source === undefined ? [] : [{ recording, source }];
  });
}

/**
 * Reads and checks recordings with their transcripts: audio, times and words. Faults are collected, so that the user can fix
 * all of them at once.
 * @param counter - for the whole task
 * @throws the reason of `place.signal`; system errors
 */
export async function inspectPart(
  recordings: readonly SourcedRecording[],
  options: InspectOptions,
  counter: LimitCounter,
): Promise<InspectedPart> {
  const { language, engine } = options.resources;
  const rules = { ...textRulesOf(language), takesUnknown: engine.unknownPhone !== null };
  const { signal } = options.place;
  const read = await sortAllTiers(await readPairs(recordings, options, counter), rules, options);
  const labels = await inTurns(cleanLabels(read.pairs, language), signal);
  const words = await inTurns(collectCandidatesInPieces(labels.values(), rules), signal);
  const look = async (suggested: readonly Pronunciation[]) => {
    const lexicon = await buildLexicon({
      language,
      userDictionaryPath: options.dictionary.path,
      maxUserLines: options.taskLimits.dictionaryLines,
      suggested,
      words,
      signal,
    });
    return { lexicon, found: await inTurns(findTiers(read.pairs, labels, lexicon, rules), signal) };
  };
  const { lexicon, found } = await look([]);
  return {
    ...wordsIn(found, lexicon),
    faults: [...read.faults, ...found.faults],
    dictionaryFaults: lexicon.faults,
    warnings: [...read.warnings, ...found.warnings],
    lookAgain: async (suggested) => {
      const again = await look(suggested);
      return wordsIn(again.found, again.lexicon);
    },
  };
}

function wordsIn(found: FoundTiers, lexicon: Lexicon): PartWords {
  return { pairs: found.pairs, lexicon, counts: count(found), missing: found.missing };
}

async function readPairs(
  recordings: readonly SourcedRecording[],
  options: InspectOptions,
  counter: LimitCounter,
) {
  const pairs: ReadPair[] = [];
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  const readOne = async ([index, { recording, source }]: [number, SourcedRecording]) => {
    options.place.signal.throwIfAborted();
    return readPair(`f${index + 1}`, recording, source, options);
  };
  const lanes = options.isCheckOnly === true ? CHECK_LANES : 1;
  for await (const read of inOrder(recordings.entries(), lanes, readOne)) {
    faults.push(...read.faults);
    warnings.push(...read.warnings);
    if (read.pair === null) continue;
    pairs.push(read.pair);
    faults.push(...counter.add(read.pair));
    if (counter.isOver && options.isCheckOnly !== true) break;
  }
  return { pairs, faults, warnings };
}

/** Separates the tiers of speakers from those of an earlier alignment. */
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

/** Bytes of all files together. A table of many recordings counts once. */
function sizeOf(pairs: readonly TieredPair[]): number {
  const files = pairs.flatMap(({ audio, transcript }) => [audio, transcript]);
  const sizes = new Map(files.map((file) => [file.path, file.bytes]));
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Look-up forms of all words of a tier in order, each as often as it is spoken. */
export function wordsOf(tier: PreparedTier): readonly string[] {
  return tier.utterances.flatMap(({ words }) => words);
}
