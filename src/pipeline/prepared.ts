import type { Warning } from '../base/errors.ts';
import type { Place } from '../base/finding.ts';
import type { Engine, Utterance } from '../engines/engine.ts';
import { type IntervalPlace, linesOf, type TextLine } from '../formats/tiers.ts';
import type { Transcript } from '../formats/transcript.ts';
import type { WavInfo } from '../formats/wav-header.ts';
import type { Language } from '../lexicon/language.ts';
import type { Lexicon } from '../lexicon/merge.ts';
import type { Cutter } from './resources.ts';
import type { TaskCounts } from './stage.ts';

/** A task that is ready for its engine: all that can be checked without the engine was checked. */
export interface Prepared {
  readonly language: Language;
  readonly engine: Engine;
  readonly lexicon: Lexicon;
  readonly cutter: Cutter | null;
  readonly recordings: readonly Recording[];
  readonly warnings: readonly Warning[];
  readonly counts: TaskCounts;
}

/** A recording and its transcript, read and checked, before its tiers are. */
export interface ReadPair {
  /** Neutral name for engines, unique within the task. */
  readonly id: string;
  /** The user's name: path below the task's folder, without extension. */
  readonly name: string;
  readonly audio: InputFile;
  readonly transcript: InputFile;
  /** The recording as plain wav: itself, or what was decoded from it into the workspace. */
  readonly plainPath: string;
  readonly wav: WavInfo;
  /** Null: they are mixed to one, or there is only one. */
  readonly channels: readonly Channel[] | null;
  /** What the transcript holds, its times counted from the start of the audio. */
  readonly content: Transcript;
}

export interface Channel {
  readonly name: string;
  /** Whether its user gave it this name. */
  readonly isNamed: boolean;
  /** See `ChannelSounds`. */
  readonly isSilent: boolean;
  readonly sameAs: number;
}

/** A pair with the tiers to align. */
export interface TieredPair extends ReadPair {
  readonly tiers: readonly PreparedTier[];
}

/** A pair with its audio in the form that the engine takes. */
export interface Recording extends TieredPair {
  /** One for all tiers, or one for each channel that has a tier. */
  readonly audios: readonly MonoAudio[];
}

/** What an engine hears. */
export interface MonoAudio {
  /** Neutral name for engines, unique within the task. */
  readonly id: string;
  /** See `PreparedTier`. */
  readonly channel: number | null;
  /** Mono 16-bit wav in the workspace. */
  readonly monoPath: string;
  readonly monoRateHz: number;
}

/** An uploaded file, as it was when the task was prepared. */
export interface InputFile {
  /** Relative to the uploads folder. */
  readonly path: string;
  readonly originalName: string;
  /** Empty: the file was only checked, see `isCheckOnly`. */
  readonly sha256: string;
  readonly bytes: number;
  /** See `fileVersion`. */
  readonly version: string;
}

export interface PreparedTier {
  readonly id: string;
  /** Place in the transcript, from 0. */
  readonly index: number;
  readonly name: string;
  /** The channel in which its words are said, from 0; null: all, mixed to one. */
  readonly channel: number | null;
  readonly utterances: readonly PreparedUtterance[];
}

export interface PreparedUtterance extends Utterance {
  /** Number of the interval in the user's tier, from 1, as Praat counts. */
  readonly interval: number;
  /** Where the interval stands in the transcript, see `Interval`. */
  readonly line?: number;
  readonly column?: number;
  /** The words as the user wrote them, one for each of `words`. */
  readonly written: readonly string[];
  /** Lines of a text without times, see `Interval`. */
  readonly lines?: readonly UtteranceLine[];
}

/** A line of a text, with the place of its words. */
export interface UtteranceLine extends TextLine {
  /** Place of its first word within the utterance; of a line without words, that of the next word. */
  readonly firstWord: number;
}

/** The line of a word, of a text without times. @param at - place of the word within the utterance, from 0 */
export function lineOfWord({ lines }: Pick<PreparedUtterance, 'lines'>, at: number): Pick<Place, 'line'> {
  if (lines === undefined) return {};
  let from = 0;
  let to = lines.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((lines[middle]?.firstWord ?? 0) <= at) from = middle + 1;
    else to = middle;
  }
  const found = lines[from - 1];
  return found === undefined ? {} : { line: found.line };
}

/** The tiers of a recording whose words are said in one of its audios. */
export function tiersIn<T extends Pick<PreparedTier, 'channel'>>(
  { channel }: Pick<MonoAudio, 'channel'>,
  { tiers }: { readonly tiers: readonly T[] },
): T[] {
  return tiers.filter((tier) => tier.channel === channel);
}

/** Where an utterance is, in the terms of its transcript's format. @param file - the user's name of the transcript */
export function placeOfUtterance(
  file: string,
  tier: Pick<PreparedTier, 'name'>,
  utterance: Pick<PreparedUtterance, 'interval' | 'line' | 'column' | 'startSec'>,
): IntervalPlace {
  const { interval, startSec } = utterance;
  return { file, tier: tier.name, interval, ...linesOf(utterance), timeSec: startSec };
}

/** The recordings with some of their utterances; tiers and recordings without any are left out. */
export function selectUtterances(
  recordings: readonly Recording[],
  isWanted: (utterance: PreparedUtterance) => boolean,
): Recording[] {
  return recordings
    .map((recording) => ({
      ...recording,
      tiers: recording.tiers
        .map((tier) => ({ ...tier, utterances: tier.utterances.filter(isWanted) }))
        .filter((tier) => tier.utterances.length > 0),
    }))
    .filter((recording) => recording.tiers.length > 0);
}
