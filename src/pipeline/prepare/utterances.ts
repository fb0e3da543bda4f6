import type { Fault, Warning } from '../../base/errors.ts';
import { findingAt, type Place } from '../../base/finding.ts';
import { must } from '../../base/must.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { MIN_UTTERANCE_SEC } from '../../engines/engine.ts';
import { findTierFaults } from '../../formats/check-tiers.ts';
import { readEntities } from '../../formats/entities.ts';
import { type Interval, type IntervalTier, linesOf, placeOf, type TextLine } from '../../formats/tiers.ts';
import { shownLabel } from '../../formats/transcript.ts';
import { applyCleanupRulesInPieces } from '../../lexicon/cleanup-rules.ts';
import type { Language } from '../../lexicon/language.ts';
import type { Lexicon } from '../../lexicon/merge.ts';
import type { UnknownWord } from '../../lexicon/unknown-words.ts';
import { resolveLabel, UNKNOWN_SPEECH, type Word, type WordRules } from '../../lexicon/words.ts';
import type { PreparedTier, PreparedUtterance, ReadPair, TieredPair, UtteranceLine } from '../prepared.ts';
import { assignChannels } from './assign-channels.ts';
import { describeCutLabels } from './cut-labels.ts';
import { MarkerTally } from './marker-tally.ts';
import { ShortFormTally } from './short-form-tally.ts';
import { SplitWords } from './split-words.ts';

/** How many intervals of a tier that are too short are named one by one. */
const MAX_NAMED_SHORT = 10;

export interface FoundTiers {
  readonly pairs: readonly TieredPair[];
  /** Every occurrence of a word that is in no dictionary, whether its pronunciation was guessed or not. */
  readonly missing: readonly UnknownWord[];
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

interface Findings {
  readonly missing: UnknownWord[];
  readonly faults: Fault[];
  readonly warnings: Warning[];
}

/** For each interval, or each of its lines, the text from which its words are taken. */
export type CleanLabels = ReadonlyMap<Interval | TextLine, string>;

/**
 * Applies the language's rules to all labels of a task. The user's own text stays as it is.
 * @throws TaskError E_LANGUAGE_BROKEN when a rule takes too long
 */
export function* cleanLabels(pairs: readonly ReadPair[], language: Language): InPieces<CleanLabels> {
  const labelled: (Interval | TextLine)[] = [];
  const labels: string[] = [];
  for (const { content } of pairs) {
    for (const [index, tier] of content.tiers.entries()) {
      if (tier.kind === 'point' || content.keptTiers?.has(index) === true) continue;
      for (const one of tier.intervals.flatMap(rowsOf)) {
        labelled.push(one);
        // As programs for the format, and browsers, show them: rules and dictionaries are written for what people see.
        labels.push(readEntities(shownLabel(content, one.text)));
      }
    }
  }
  const rules = language.cleanupRules ?? [];
  const cleaned = yield* applyCleanupRulesInPieces(rules, labels, `${language.code}_cleanup.txt`);
  return new Map(labelled.map((one, index) => [one, must(cleaned[index], 'a cleaned label')]));
}

/** The lines of an interval, or the interval itself. */
function rowsOf(interval: Interval): readonly (Interval | TextLine)[] {
  return interval.lines ?? [interval];
}

/**
 * The tiers of all recordings that are to be aligned: every interval tier with words is a speaker. The others are kept
 * as they are and reported.
 */
export function* findTiers(
  pairs: readonly ReadPair[],
  labels: CleanLabels,
  lexicon: Lexicon,
  given: Omit<WordRules, 'isKnown'>,
): InPieces<FoundTiers> {
  const rules = { ...given, isKnown: (form: string) => lexicon.known.has(form) };
  const findings: Findings = { missing: [], faults: [], warnings: [] };
  const tiered: TieredPair[] = [];
  for (const pair of pairs) {
    const markers = new MarkerTally();
    const shortForms = new ShortFormTally();
    const text = { labels, lexicon, rules, markers, shortForms };
    const made = yield* makeTiers(pair, text, findings);
    const assigned = assignChannels({ ...pair, tiers: made.tiers });
    tiered.push({ ...pair, tiers: assigned.tiers });
    if (made.isValid) {
      findings.faults.push(...assigned.faults);
      findings.warnings.push(...assigned.warnings);
    }
    findings.warnings.push(...markers.warnings(), ...shortForms.warnings(), ...describeCutLabels(pair));
  }
  return { pairs: tiered, ...findings };
}

/** What is needed to find the words of a recording. */
interface Text {
  readonly labels: CleanLabels;
  readonly lexicon: Lexicon;
  readonly rules: WordRules;
  readonly markers: MarkerTally;
  readonly shortForms: ShortFormTally;
}

function* makeTiers(
  pair: ReadPair,
  text: Text,
  findings: Findings,
): InPieces<{ readonly tiers: PreparedTier[]; readonly isValid: boolean }> {
  const file = pair.transcript.originalName;
  const tiers: PreparedTier[] = [];
  let isValid = true;
  let allShortCount = 0;
  const splits = new SplitWords();
  for (const [index, tier] of pair.content.tiers.entries()) {
    const isKept = pair.content.keptTiers?.has(index) === true;
    if (tier.kind === 'point') {
      findings.warnings.push(kept(file, tier.name, 'a point tier'));
      continue;
    }
    const all = findTierFaults(tier, { file, audioDurationSec: pair.wav.durationSec });
    // A tier that is not aligned may be longer than the audio, but must be one that can be written.
    const faults = isKept ? all.filter(({ code }) => code !== 'E_AUDIO_TOO_SHORT') : all;
    findings.faults.push(...faults);
    isValid &&= faults.length === 0;
    if (faults.length > 0 || isKept) continue;
    const { utterances, shortCount } = yield* makeUtterances(tier, pair, text, { ...findings, splits });
    if (utterances.length > 0) {
      tiers.push({ id: `${pair.id}t${index + 1}`, index, name: tier.name, channel: null, utterances });
      continue;
    }
    const what = shortCount > 0 ? 'a tier with words in too short intervals only' : 'a tier without words';
    findings.warnings.push(kept(file, tier.name, what));
    allShortCount += shortCount;
  }
  findings.warnings.push(...splits.describe(file));
  if (tiers.length === 0 && isValid)
    findings.faults.push(nothingToAlign(file, allShortCount, pair.content.keptTiers?.size ?? 0));
  return { tiers, isValid: isValid && tiers.length > 0 };
}

function* makeUtterances(
  tier: IntervalTier,
  pair: ReadPair,
  { labels, lexicon, rules, markers, shortForms }: Text,
  { missing, warnings, splits }: Findings & { readonly splits: SplitWords },
): InPieces<{ readonly utterances: PreparedUtterance[]; readonly shortCount: number }> {
  const file = pair.transcript.originalName;
  const utterances: PreparedUtterance[] = [];
  let shortCount = 0;
  const piece = new Piece();
  for (const [position, interval] of tier.intervals.entries()) {
    const rows: { readonly words: readonly Word[]; readonly place: Place }[] = [];
    for (const row of rowsOf(interval)) {
      if (piece.add(row.text)) yield;
      const found = resolveLabel(must(labels.get(row), 'a cleaned label'), rules);
      const place =
        row === interval
          ? { ...placeOf(file, tier, position), timeSec: interval.startSec }
          : { file, ...linesOf(row) };
      markers.add(found.markers, place);
      shortForms.add(found.shortForms, place);
      rows.push({ words: found.words, place });
    }
    const words = rows.flatMap((row) => row.words);
    if (words.length === 0) continue;
    const span = clip(interval, pair.wav.durationSec);
    if (span.endSec - span.startSec < MIN_UTTERANCE_SEC) {
      shortCount += 1;
      if (shortCount <= MAX_NAMED_SHORT) warnings.push(tooShort(placeOf(file, tier, position), interval));
      continue;
    }
    for (const row of rows) {
      for (const { lookup: word, known, split } of row.words) {
        if (split !== undefined) splits.add(split);
        const isMissing = (!known && word !== UNKNOWN_SPEECH) || lexicon.suggested.has(word);
        if (isMissing) missing.push({ word, ...row.place });
      }
    }
    utterances.push({
      ...span,
      interval: position + 1,
      ...linesOf(interval),
      words: words.map(({ lookup }) => lookup),
      written: words.map(({ text }) => text),
      ...(interval.lines === undefined ? {} : { lines: countWords(interval.lines, rows) }),
    });
  }
  if (shortCount > MAX_NAMED_SHORT)
    warnings.push(moreTooShort(file, tier.name, shortCount - MAX_NAMED_SHORT, tier.intervals.length));
  return { utterances, shortCount };
}

function countWords(
  lines: readonly TextLine[],
  rows: readonly { readonly words: readonly unknown[] }[],
): UtteranceLine[] {
  let firstWord = 0;
  return lines.map((line, index) => {
    const placed = { ...line, firstWord };
    firstWord += rows[index]?.words.length ?? 0;
    return placed;
  });
}

/** Transcripts may end a few milliseconds after their recording, since Praat rounds. More is a fault, found before. */
function clip({ startSec, endSec }: Interval, durationSec: number): { startSec: number; endSec: number } {
  return { startSec: Math.max(0, startSec), endSec: Math.min(endSec, durationSec) };
}

function kept(file: string, tier: string, what: string): Warning {
  return findingAt('W_TIER_KEPT', { file, tier }, `${what}, kept as it is`);
}

function nothingToAlign(file: string, shortCount: number, keptCount: number): Fault {
  const text =
    shortCount === 0
      ? `no interval with words; expected at least one interval tier with the words that are spoken` +
        (keptCount === 0 ? '' : `, found ${keptCount} with phones, or with what depends on other tiers`)
      : `expected an interval with words of at least ${MIN_UTTERANCE_SEC} s, found only shorter ones ` +
        `(${shortCount}); move their boundaries to where the words begin and end`;
  return findingAt('E_TRANSCRIPT_NO_WORDS', { file }, text);
}

function moreTooShort(file: string, tier: string, count: number, all: number): Warning {
  const text =
    `and ${count} more of its ${all} intervals are under ${MIN_UTTERANCE_SEC} s; ` +
    'a tier of sentences or turns aligns better than one of words or phones';
  return findingAt('W_INTERVAL_SHORT', { file, tier }, text);
}

function tooShort(place: Place, { startSec, endSec }: Interval): Warning {
  return findingAt(
    'W_INTERVAL_SHORT',
    place,
    `${(endSec - startSec).toFixed(3)} s long, not aligned; expected at least ${MIN_UTTERANCE_SEC} s`,
  );
}
