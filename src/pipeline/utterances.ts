import type { Fault, Warning } from '../base/errors.ts';
import { MIN_UTTERANCE_SEC } from '../engines/engine.ts';
import { findTierFaults } from '../formats/textgrid/check.ts';
import type { Interval, IntervalTier } from '../formats/textgrid/model.ts';
import { applyCleanupRules } from '../lexicon/cleanup-rules.ts';
import type { Language } from '../lexicon/language.ts';
import type { Lexicon } from '../lexicon/merge.ts';
import type { UnknownWord } from '../lexicon/unknown-words.ts';
import { resolveWords } from '../lexicon/words.ts';
import type { PreparedTier, PreparedUtterance, ReadPair } from './prepared.ts';

export interface MadeTiers {
  readonly tiers: readonly PreparedTier[];
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

/** The text that the words of each interval are looked up in. */
export type CleanLabels = ReadonlyMap<Interval, string>;

/**
 * Applies the language's rules to all labels of a task. The user's own text stays as it is.
 * @throws TaskError E_LANGUAGE_BROKEN when a rule takes too long
 */
export function cleanLabels(pairs: readonly ReadPair[], language: Language): CleanLabels {
  const intervals = pairs.flatMap(({ grid }) =>
    grid.tiers.flatMap((tier) => (tier.kind === 'interval' ? tier.intervals : [])),
  );
  const labels = intervals.map(({ text }) => text);
  const cleaned = applyCleanupRules(language.cleanupRules ?? [], labels, `${language.code}_cleanup.txt`);
  return new Map(intervals.map((interval, index) => [interval, cleaned[index] ?? interval.text]));
}

/**
 * The tiers of a recording that are to be aligned: every interval tier with words is a speaker. The others are kept
 * as they are and reported.
 * @param unknown - words without pronunciation are added to it
 */
export function makeTiers(
  pair: ReadPair,
  labels: CleanLabels,
  lexicon: Lexicon,
  unknown: UnknownWord[],
): MadeTiers {
  const file = pair.transcript.originalName;
  const tiers: PreparedTier[] = [];
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  for (const [index, tier] of pair.grid.tiers.entries()) {
    if (tier.kind === 'point') {
      warnings.push(kept(file, tier.name, 'a point tier'));
      continue;
    }
    const tierFaults = findTierFaults(tier, { file, audioDurationSec: pair.wav.durationSec });
    faults.push(...tierFaults);
    if (tierFaults.length > 0) continue;
    const utterances = makeUtterances(tier, pair, labels, lexicon, unknown, warnings);
    if (utterances.length === 0) warnings.push(kept(file, tier.name, 'a tier without words'));
    else tiers.push({ id: `${pair.id}t${index + 1}`, index, name: tier.name, utterances });
  }
  if (tiers.length === 0 && faults.length === 0) {
    faults.push({
      code: 'E_TEXTGRID_NO_WORDS',
      message: `${file}: no interval with words; expected at least one interval tier with the words that are spoken`,
      file,
    });
  }
  return { tiers, faults, warnings };
}

function makeUtterances(
  tier: IntervalTier,
  pair: ReadPair,
  labels: CleanLabels,
  lexicon: Lexicon,
  unknown: UnknownWord[],
  warnings: Warning[],
): PreparedUtterance[] {
  const file = pair.transcript.originalName;
  const utterances: PreparedUtterance[] = [];
  for (const [position, interval] of tier.intervals.entries()) {
    const words = resolveWords(labels.get(interval) ?? '', (form) => lexicon.known.has(form));
    if (words.length === 0) continue;
    const span = clip(interval, pair.wav.durationSec);
    const number = position + 1;
    if (span.endSec - span.startSec < MIN_UTTERANCE_SEC) {
      warnings.push(tooShort(file, tier.name, number, interval));
      continue;
    }
    for (const { lookup, known } of words) {
      if (!known)
        unknown.push({ word: lookup, file, tier: tier.name, interval: number, timeSec: interval.startSec });
    }
    utterances.push({
      ...span,
      interval: number,
      words: words.map(({ lookup }) => lookup),
      written: words.map(({ text }) => text),
    });
  }
  return utterances;
}

/** Transcripts may end a few milliseconds after their recording: Praat rounds. More was found to be a fault before. */
function clip({ startSec, endSec }: Interval, durationSec: number): { startSec: number; endSec: number } {
  return { startSec: Math.max(0, startSec), endSec: Math.min(endSec, durationSec) };
}

function kept(file: string, tier: string, what: string): Warning {
  return { code: 'W_TIER_KEPT', message: `${file} tier "${tier}": ${what}, kept as it is`, file, tier };
}

function tooShort(file: string, tier: string, interval: number, { startSec, endSec }: Interval): Warning {
  return {
    code: 'W_INTERVAL_SHORT',
    message:
      `${file} tier "${tier}" interval ${interval} (${startSec.toFixed(2)} s): ${(endSec - startSec).toFixed(3)} s long, not aligned; ` +
      `expected at least ${MIN_UTTERANCE_SEC} s`,
    file,
    tier,
    interval,
    timeSec: startSec,
  };
}
