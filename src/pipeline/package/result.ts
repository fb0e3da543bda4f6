import type { Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { transcriptFormatOf } from '../../base/input-kinds.ts';
import { must } from '../../base/must.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import type { AlignedPhone, AlignedWord } from '../../engines/engine.ts';
import { type ResultDocument, type ResultTier, type TimeSpan, uniqueNames } from '../../formats/result.ts';
import { fillGaps } from '../../formats/textgrid/write.ts';
import type { Interval, Tier } from '../../formats/tiers.ts';
import { toIpa } from '../../lexicon/ipa.ts';
import type { Language } from '../../lexicon/language.ts';
import { restorePhones } from '../../lexicon/phones-back.ts';
import type { Aligned } from '../align/align.ts';
import { isNameOfChannel } from '../channel-names.ts';
import type { Channel, PreparedTier, PreparedUtterance, Recording } from '../prepared.ts';
import { placeTextLines } from './text-lines.ts';

/** How one tier of the transcript came out. */
export interface TierVerdict {
  readonly name: string;
  /** Name of its channel; not there: the channels were mixed. */
  readonly channel?: string;
  readonly intervals: number;
  readonly intervalsAligned: number;
  readonly words: number;
  readonly wordsAligned: number;
}

export interface Result {
  readonly document: ResultDocument;
  readonly tiers: readonly TierVerdict[];
  readonly warnings: readonly Warning[];
}

/**
 * The result of one recording: for each aligned tier, in the transcript's order, its phones, its words and the user's own
 * text, with an interval for each line of a text without times; the other tiers as they were. All tiers go from 0 to the end
 * of the audio, without gaps.
 * @param entryName - name of the recording in the zip
 */
export function* makeResult(recording: Recording, aligned: Aligned, entryName: string): InPieces<Result> {
  const { content, wav, transcript, audio } = recording;
  const { language } = aligned.prepared;
  const warnings: Warning[] = [];
  const verdicts: TierVerdict[] = [];
  const phones: ResultTier[] = [];
  const ipa: ResultTier[] = [];
  const doubtful = new Map<string, readonly TimeSpan[]>();
  const speakers = uniqueNames(recording.tiers.map((tier) => nameOf(tier, recording)));
  for (const [index, tier] of content.tiers.entries()) {
    const at = recording.tiers.findIndex((one) => one.index === index);
    const prepared = recording.tiers[at];
    const kept = wholeLength(tier, wav.durationSec);
    if (prepared === undefined || kept.kind === 'point') {
      const other: ResultTier = { ...kept, role: 'other', speaker: tier.name };
      phones.push(other);
      ipa.push(other);
      continue;
    }
    const channel = channelOf(prepared, recording);
    const name = nameOf(prepared, recording);
    if (tier.name.trim() === '') warnings.push(named(transcript.originalName, index, name));
    const found = yield* wordsOfTier(
      prepared,
      aligned,
      { file: transcript.originalName, tier: name },
      warnings,
    );
    verdicts.push({
      ...judge(name, prepared, aligned),
      ...(channel === null ? {} : { channel: channel.name }),
    });
    const speaker = must(speakers[at], 'the name of a speaker');
    doubtful.set(speaker, aligned.doubtful.get(prepared.id) ?? []);
    const make = (role: 'phone' | 'word' | 'trans', intervals: readonly Interval[]): ResultTier => ({
      kind: 'interval',
      role,
      speaker,
      name: `${name} - ${role}`,
      startSec: 0,
      endSec: wav.durationSec,
      intervals: fillGaps(intervals, 0, wav.durationSec),
    });
    const words = make(
      'word',
      found.map(({ written, startSec, endSec }) => ({ startSec, endSec, text: written })),
    );
    const lines = placeTextLines(prepared, aligned.words);
    const trans: ResultTier =
      lines === null ? { ...kept, role: 'trans', speaker, name: `${name} - trans` } : make('trans', lines);
    const plain = yield* labelPhones(found, ({ phones: own }) => own.map(({ label }) => label));
    phones.push(make('phone', plain), words, trans);
    const inIpa = yield* labelPhones(found, (word) => wordInIpa(word, language));
    ipa.push(make('phone', inIpa), words, trans);
    yield;
  }
  const { durationSec, sampleRateHz, frameCount } = wav;
  const document: ResultDocument = {
    name: entryName,
    durationSec,
    audio: { name: audio.originalName, sampleRateHz, sampleCount: frameCount },
    phones,
    ipa,
    doubtful,
  };
  return { document, tiers: verdicts, warnings };
}

function channelOf({ channel }: PreparedTier, { channels }: Recording): Channel | null {
  return channel === null ? null : (channels?.[channel] ?? null);
}

/**
 * A tier without a name gets the name of its channel or, if the channels were mixed, its number in the transcript. A tier
 * that is called after its channel, such as `left`, gets the name that the user gave the channel; in an EAF it keeps its
 * own, since the new tiers are added below it.
 */
function nameOf(tier: PreparedTier, recording: Recording): string {
  const { name, index, channel: at } = tier;
  const channel = channelOf(tier, recording);
  if (name.trim() === '') return channel?.name ?? `tier ${index + 1}`;
  if (channel === null || at === null || !channel.isNamed) return name;
  const isEaf = transcriptFormatOf(recording.transcript.originalName) === 'EAF';
  const isRenamed = !isEaf && isNameOfChannel(name, at, recording.channels?.length ?? 0);
  return isRenamed ? channel.name : name;
}

function named(file: string, index: number, name: string): Warning {
  const text = `tier number ${index + 1} has no name, so its tiers in the result are called "${name} - phone" and so on`;
  return findingAt('W_TIER_NAMED', { file, tier: name }, text);
}

interface WrittenWord extends AlignedWord {
  /** As the user wrote it. */
  readonly written: string;
}

/** The aligned words of a tier, in time order, with the phones of the full set where the engine had a simpler one. */
function* wordsOfTier(
  tier: PreparedTier,
  { prepared: { lexicon, language }, words }: Aligned,
  where: { file: string; tier: string },
  warnings: Warning[],
): InPieces<WrittenWord[]> {
  const found: WrittenWord[] = [];
  const piece = new Piece();
  for (const utterance of tier.utterances) {
    for (const [index, word] of (words.get(utterance) ?? []).entries()) {
      const written = utterance.written[word.at ?? index] ?? word.label;
      found.push({ ...word, written });
      if (piece.add(written)) yield;
    }
  }
  if (language.complexToSimple.size === 0) return found;
  // An unknown word has one phone that stands for any speech, so no phone can be restored.
  const unknown = new Set(lexicon.unknown);
  const known = found.filter(({ label }) => !unknown.has(label));
  const restored = restorePhones(
    known,
    { complex: lexicon.complex, complexToSimple: language.complexToSimple },
    where,
  );
  warnings.push(...restored.warnings);
  let next = 0;
  return found.map((word) => (unknown.has(word.label) ? word : (restored.words[next++] ?? word)));
}

function judge(name: string, { utterances }: PreparedTier, { words }: Aligned): TierVerdict {
  const aligned = utterances.filter((utterance) => words.has(utterance));
  const countWords = (some: readonly PreparedUtterance[]) =>
    some.reduce((sum, one) => sum + one.words.length, 0);
  return {
    name,
    intervals: utterances.length,
    intervalsAligned: aligned.length,
    words: countWords(utterances),
    wordsAligned: aligned.reduce((sum, one) => sum + (words.get(one)?.length ?? 0), 0),
  };
}

/** A tier of the transcript over the whole audio, its labels untouched. */
export function wholeLength(tier: Tier, durationSec: number): Tier {
  const span = { startSec: 0, endSec: durationSec };
  if (tier.kind === 'point') return { ...tier, ...span };
  const inside = tier.intervals
    .filter(({ startSec }) => startSec < durationSec)
    .map((interval) => ({
      ...interval,
      startSec: Math.max(0, interval.startSec),
      endSec: Math.min(durationSec, interval.endSec),
    }))
    .filter(({ startSec, endSec, text }) => endSec > startSec || text.trim() !== '');
  return { ...tier, ...span, intervals: fillGaps(inside, 0, durationSec) };
}

function wordInIpa({ label, phones }: AlignedWord, { ipa, markStress }: Language): string[] {
  const labels = phones.map((phone) => phone.label);
  return (markStress?.(label, labels) ?? labels).map((one) => toIpa(one, ipa));
}

function* labelPhones(
  words: readonly WrittenWord[],
  labelsOf: (word: WrittenWord) => readonly string[],
): InPieces<Interval[]> {
  const intervals: Interval[] = [];
  const piece = new Piece();
  for (const word of words) {
    const labels = labelsOf(word);
    for (const [at, phone] of word.phones.entries())
      intervals.push(toInterval(phone, labels[at] ?? phone.label));
    if (piece.add(word.written)) yield;
  }
  return intervals;
}

function toInterval({ startSec, endSec }: AlignedPhone, text: string): Interval {
  return { startSec, endSec, text };
}
