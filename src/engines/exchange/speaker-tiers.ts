import { TaskError, toTaskError } from '../../base/errors.ts';
import { inTurns } from '../../base/pieces.ts';
import type { IntervalTier, TextGrid } from '../../formats/textgrid/model.ts';
import { readTextGridInPieces } from '../../formats/textgrid/read.ts';
import type { AlignedPhone, AlignedWord } from '../engine.ts';

/** What aligners write between words, on either tier. */
const SILENCE = new Set(['', 'sp', 'sil', '{SIL}', 'SP', 'SIL']);

/**
 * The TextGrid that an aligner wrote.
 * @throws TaskError E_OUTPUT_INVALID when it is not a TextGrid
 */
export async function parseOutput(text: string, engine: string): Promise<TextGrid> {
  try {
    return await inTurns(readTextGridInPieces(text, 'output'));
  } catch (error) {
    throw new TaskError('E_OUTPUT_INVALID', `${engine} wrote no TextGrid: ${toTaskError(error).message}`, {
      cause: error,
    });
  }
}

/**
 * The words of one speaker with their phones, in time order; silence and everything that is no token is left out.
 * @param names - of the speaker's two tiers
 * @param wordOf - token -> word; null: not ours
 * @returns empty when the tiers do not exist
 */
export function readSpeaker(
  grid: TextGrid,
  names: { readonly words: string; readonly phones: string },
  wordOf: (token: string) => string | null,
): AlignedWord[] {
  const phones = labelsOf(grid, names.phones).filter((phone) => !SILENCE.has(phone.label));
  const words: AlignedWord[] = [];
  let next = 0;
  for (const { label, startSec, endSec } of labelsOf(grid, names.words)) {
    const word = wordOf(label);
    if (word === null) continue;
    // By their middles: the two tiers are rounded apart, by up to a millisecond.
    while (next < phones.length && middle(phones[next]) < startSec) next += 1;
    const first = next;
    while (next < phones.length && middle(phones[next]) < endSec) next += 1;
    words.push({ label: word, startSec, endSec, phones: phones.slice(first, next) });
  }
  return words;
}

function labelsOf(grid: TextGrid, tierName: string): AlignedPhone[] {
  const tier = grid.tiers.find(
    (candidate): candidate is IntervalTier => candidate.kind === 'interval' && candidate.name === tierName,
  );
  // In time order, as the reader puts them: faseAlign adds the gaps of a tier last.
  return (tier?.intervals ?? []).map(({ text, startSec, endSec }) => ({
    label: text.trim(),
    startSec,
    endSec,
  }));
}

function middle(phone: AlignedPhone | undefined): number {
  return phone === undefined ? Number.POSITIVE_INFINITY : (phone.startSec + phone.endSec) / 2;
}
