import type { Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import type { AlignedPhone, AlignedWord } from '../../engines/engine.ts';
import type { TextGrid } from '../../formats/textgrid/model.ts';
import { fillGaps } from '../../formats/textgrid/write.ts';
import type { Interval, IntervalTier, Tier } from '../../formats/tiers.ts';
import { toIpa } from '../../lexicon/ipa.ts';
import type { Language } from '../../lexicon/language.ts';
import { restorePhones } from '../../lexicon/phones-back.ts';
import type { Aligned } from '../align/align.ts';
import type { PreparedTier, PreparedUtterance, Recording } from '../prepared.ts';

/** How one tier of the transcript came out. */
export interface TierVerdict {
  readonly name: string;
  readonly intervals: number;
  readonly intervalsAligned: number;
  readonly words: number;
  readonly wordsAligned: number;
}

export interface Result {
  readonly phones: TextGrid;
  /** The same with the phone labels in IPA. */
  readonly ipa: TextGrid;
  readonly tiers: readonly TierVerdict[];
  readonly warnings: readonly Warning[];
}

/**
 * The TextGrids of one recording: for each tier that was aligned, in the transcript's order, its phones, its words
 * and the user's own text; the other tiers as they were. All from 0 to the end of the audio, without gaps.
 */
export function* makeResult(recording: Recording, aligned: Aligned): InPieces<Result> {
  const { content, wav, transcript } = recording;
  const { language } = aligned.prepared;
  const warnings: Warning[] = [];
  const verdicts: TierVerdict[] = [];
  const phones: Tier[] = [];
  const ipa: Tier[] = [];
  for (const [index, tier] of content.tiers.entries()) {
    const prepared = recording.tiers.find((one) => one.index === index);
    const kept = wholeLength(tier, wav.durationSec);
    if (prepared === undefined || kept.kind === 'point') {
      phones.push(kept);
      ipa.push(kept);
      continue;
    }
    const name = tier.name.trim() === '' ? `tier ${index + 1}` : tier.name;
    if (name !== tier.name) warnings.push(named(transcript.originalName, index, name));
    const found = yield* wordsOfTier(
      prepared,
      aligned,
      { file: transcript.originalName, tier: name },
      warnings,
    );
    verdicts.push(judge(name, prepared, aligned));
    const make = (suffix: string, intervals: readonly Interval[]): IntervalTier => ({
      kind: 'interval',
      name: `${name} - ${suffix}`,
      startSec: 0,
      endSec: wav.durationSec,
      intervals: fillGaps(intervals, 0, wav.durationSec),
    });
    const words = make(
      'word',
      found.map(({ written, startSec, endSec }) => ({ startSec, endSec, text: written })),
    );
    const trans = { ...kept, name: `${name} - trans` };
    const plain = yield* labelPhones(found, ({ phones: own }) => own.map(({ label }) => label));
    phones.push(make('phone', plain), words, trans);
    const inIpa = yield* labelPhones(found, (word) => wordInIpa(word, language));
    ipa.push(make('phone', inIpa), words, trans);
    yield;
  }
  const span = { startSec: 0, endSec: wav.durationSec };
  return { phones: { ...span, tiers: phones }, ipa: { ...span, tiers: ipa }, tiers: verdicts, warnings };
}

function named(file: string, index: number, name: string): Warning {
  const text = `the tier number ${index + 1} has no name, so its tiers of the result are called "${name} - phone" and so on`;
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
  // An unknown word has one phone that stands for any speech: there is nothing to put back.
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
function wholeLength(tier: Tier, durationSec: number): Tier {
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
