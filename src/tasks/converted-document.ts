import { TaskError, throwFaults } from '../base/errors.ts';
import { transcriptFormatOf } from '../base/input-kinds.ts';
import type { ResultFormatName } from '../base/result-kinds.ts';
import { findTierFaults } from '../formats/check-tiers.ts';
import {
  type OriginalFile,
  type ResultAudio,
  type ResultDocument,
  type ResultTier,
  type TierRole,
  uniqueNames,
} from '../formats/result.ts';
import { RESULT_WRITERS } from '../formats/result-formats.ts';
import type { Tier } from '../formats/tiers.ts';
import { shownLabel, type Transcript } from '../formats/transcript.ts';
import { wholeLength } from '../pipeline/package/result.ts';

export interface DocumentChoices {
  /** The user's name of the transcript. */
  readonly file: string;
  /** Of the recording in the new file. */
  readonly name: string;
  readonly audio: ResultAudio | null;
  readonly format: ResultFormatName;
  /** For a format that keeps the whole original; null: the format writes the tiers itself. */
  readonly original: OriginalFile | null;
}

/** Tiers of our own results: `anna - word`. */
const OF_RESULT = /^(.*\S) - (phone|word|trans)$/;
/** Formats whose times are samples of the recording: nothing can stand after its end. */
const IN_SAMPLES: readonly ResultFormatName[] = ['emu', 'par'];
const HAS_TRIGRAPHS: readonly ResultFormatName[] = ['textgrid', 'short'];

/**
 * A transcript as formats of results write it. Tiers of phones and words are known by their names; any other interval
 * tier is a text. For a format that writes words, each of its labels is one word.
 * @throws TaskError with all that keeps its tiers from being written
 */
export function makeDocument(transcript: Transcript, choices: DocumentChoices): ResultDocument {
  const { file, name, audio, format, original } = choices;
  const audioSec = audio === null ? 0 : audio.sampleCount / audio.sampleRateHz;
  const endsWithAudio = audio !== null && IN_SAMPLES.includes(format);
  const durationSec = endsWithAudio ? audioSec : Math.max(transcript.endSec, audioSec);
  if (durationSec <= 0) {
    if (transcript.tiers.length === 0)
      throw new TaskError('E_TRANSCRIPT_NO_WORDS', 'expected labels, found none', { place: { file } });
    const text =
      'it has no times. Put its recording beside it, a wav file of the same name, or align it: the result has times';
    throw new TaskError('E_TRANSCRIPT_TIME', text, { place: { file } });
  }
  throwFaults(
    transcript.tiers.flatMap((tier) =>
      tier.kind === 'point' ? [] : findTierFaults(tier, { file, audioDurationSec: durationSec }),
    ),
  );
  const tiers = transcript.tiers.map((tier) =>
    wholeLength(showLabels(tier, transcript, choices), durationSec),
  );
  const isWordsOnly = RESULT_WRITERS[format].isWordsOnly === true;
  return {
    name,
    durationSec,
    audio,
    ...(original === null ? {} : { original }),
    phones: withRoles(tiers, isWordsOnly, original !== null),
    ipa: null,
    doubtful: new Map(),
  };
}

/**
 * Escapes are replaced by their characters for every other format: those of Praat, and tags and entities of subtitles.
 */
function showLabels(tier: Tier, transcript: Transcript, { file, format }: DocumentChoices): Tier {
  const from = transcriptFormatOf(file);
  const isShown = from === 'TextGrid' ? !HAS_TRIGRAPHS.includes(format) : from === 'Subtitles';
  if (!isShown) return tier;
  const show = <Label extends { readonly text: string }>(one: Label): Label => ({
    ...one,
    text: shownLabel(transcript, one.text),
  });
  return tier.kind === 'point'
    ? { ...tier, points: tier.points.map(show) }
    : { ...tier, intervals: tier.intervals.map(show) };
}

/** @param isCopied - whether the words and phones are in the file already */
function withRoles(tiers: readonly Tier[], isWordsOnly: boolean, isCopied: boolean): ResultTier[] {
  const names = uniqueNames(tiers.map(({ name }) => name));
  const aligned = new Set(
    names.flatMap((name) => {
      const [, speaker, role] = OF_RESULT.exec(name) ?? [];
      return speaker !== undefined && role === 'word' ? [speaker] : [];
    }),
  );
  return tiers.flatMap((tier, index): ResultTier[] => {
    const name = names[index] ?? tier.name;
    const [, speaker, role] = OF_RESULT.exec(name) ?? [];
    if (!isCopied && speaker !== undefined && aligned.has(speaker) && tier.kind === 'interval')
      return [{ ...tier, role: role as TierRole, speaker }];
    if (tier.kind === 'point' || !isWordsOnly) return [{ ...tier, role: 'other', speaker: name }];
    return [
      { ...tier, role: 'word', speaker: name },
      { ...tier, role: 'trans', speaker: name },
    ];
  });
}
