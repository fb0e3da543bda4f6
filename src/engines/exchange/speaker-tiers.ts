import { TaskError, toTaskError } from '../../base/errors.ts';
import { inTurns } from '../../base/pieces.ts';
import { readTextGridInPieces } from '../../formats/textgrid/read.ts';
import type { IntervalTier } from '../../formats/tiers.ts';
import type { AlignedPhone, AlignedWord } from '../engine.ts';

/** The labels that aligners write for silence, on both tiers. */
const SILENCE = new Set(['', 'sp', 'sil', '{SIL}', 'SP', 'SIL']);

/** Interval tiers by their names. */
export type OutputTiers = ReadonlyMap<string, IntervalTier>;

/**
 * Reads the tiers that an aligner wrote. If several have the same name, the first one counts.
 * @throws TaskError E_OUTPUT_INVALID when it is not a TextGrid
 */
export async function parseOutput(text: string, engine: string): Promise<OutputTiers> {
  try {
    const { tiers } = await inTurns(readTextGridInPieces(text, 'output'));
    const intervalTiers = tiers.filter((tier) => tier.kind === 'interval');
    return new Map(intervalTiers.toReversed().map((tier) => [tier.name, tier]));
  } catch (error) {
    throw new TaskError('E_OUTPUT_INVALID', `${engine} wrote no TextGrid: ${toTaskError(error).message}`, {
      cause: error,
    });
  }
}

/**
 * The words of one speaker with their phones, in time order, without silence and without labels that are not a token.
 * @param names - the names of the speaker's two tiers
 * @param wordOf - gives the word of a token; null: it is not a token
 * @returns empty if the tiers do not exist
 */
export function readSpeaker(
  tiers: OutputTiers,
  names: { readonly words: string; readonly phones: string },
  wordOf: (token: string) => string | null,
): AlignedWord[] {
  const phones = labelsOf(tiers, names.phones).filter((phone) => !SILENCE.has(phone.label));
  const words: AlignedWord[] = [];
  let next = 0;
  for (const { label, startSec, endSec } of labelsOf(tiers, names.words)) {
    const word = wordOf(label);
    if (word === null) continue;
    // The middle of a phone decides: the times of the two tiers are rounded differently, by up to a millisecond.
    while (next < phones.length && middle(phones[next]) < startSec) next += 1;
    const first = next;
    while (next < phones.length && middle(phones[next]) < endSec) next += 1;
    words.push({ label: word, startSec, endSec, phones: phones.slice(first, next) });
  }
  return words;
}

function labelsOf(tiers: OutputTiers, tierName: string): AlignedPhone[] {
  // The reader has put them in time order: faseAlign writes the gaps of a tier last.
  return (tiers.get(tierName)?.intervals ?? []).map(({ text, startSec, endSec }) => ({
    label: text.trim(),
    startSec,
    endSec,
  }));
}

function middle(phone: AlignedPhone | undefined): number {
  return phone === undefined ? Number.POSITIVE_INFINITY : (phone.startSec + phone.endSec) / 2;
}
