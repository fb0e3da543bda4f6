import { readFile } from 'node:fs/promises';
import { must } from '../../base/must.ts';
import type { Span, WordStretch } from '../stretches.ts';

/**
 * The one rate that the decoder works at. It measures a step of 10 ms in whole samples, so that at 22,050 Hz its times
 * run ahead by 2.3 ms in each second of an utterance, at 11,025 Hz behind; and where its window of 25.6 ms has just more
 * samples than a power of two (20,000 Hz), it refuses the rate. The models use audio from 130 to 3700 Hz only, which
 * all rates have.
 */
export const SAMPLE_RATE_HZ = 16_000;

/** The input of one child process: a JSON file. Words are numbers, so that no text of a user reaches the decoder. */
export interface SphinxJob {
  /** Folder of the acoustic model. */
  readonly modelDir: string;
  /** The child appends its outcomes here. */
  readonly outcomePath: string;
  readonly words: readonly JobWord[];
  /** What a word of unknown pronunciation may consist of. */
  readonly loopPhones: readonly string[];
  readonly items: readonly SphinxItem[];
}

export interface JobWord {
  /** Phones divided by blanks; empty: the pronunciation is unknown. */
  readonly pronunciations: readonly string[];
  /** Phones that it has at least, if its pronunciation is unknown. */
  readonly minPhoneCount: number;
}

export interface SphinxItem {
  readonly id: number;
  /** `divide`: find where a long utterance can be cut; `align`: words and phones of a stretch. */
  readonly kind: 'divide' | 'align';
  readonly audioPath: string;
  readonly sampleRateHz: number;
  readonly startSec: number;
  readonly endSec: number;
  readonly words: readonly number[];
  readonly from: StretchSource;
  /** Words with a lower score do not count as said. */
  readonly minScore: number;
  /** Whether the words are those of another language than the model's. */
  readonly isForeign: boolean;
}

/**
 * Why words are looked for in a stretch: `text`: they are the user's, or were followed one by one; `search`: a search
 * heard them; `gap`: they stand between words that were found; `rest`: the same, within what was searched already.
 */
export type StretchSource = 'text' | 'search' | 'gap' | 'rest';

/** A stretch of a long utterance, with the words spoken in it. */
export interface Stretch extends WordStretch {
  readonly from: StretchSource;
}

/** Seconds from the start of the file. `label` is the phone. */
export interface SphinxPhone {
  readonly label: string;
  readonly startSec: number;
  readonly endSec: number;
}

/** The phones of a word, at least one, without gaps. */
export type SphinxWord = readonly SphinxPhone[];

/** From the first phone of a word to its last. */
export function spanOf(word: SphinxWord): Span {
  const first = must(word[0], 'the phones of a word');
  return { startSec: first.startSec, endSec: (word.at(-1) ?? first).endSec };
}

/**
 * The outcome of an item, one line each in the child's outcome file. An item that was begun and has no other line has
 * killed the child.
 */
export type SphinxOutcome =
  | { readonly id: number; readonly state: 'begun' }
  /** `others`: speech that is not in the text; `minScore`: for gaps. */
  | {
      readonly id: number;
      readonly state: 'divided';
      readonly stretches: readonly Stretch[];
      readonly others: readonly { readonly startSec: number; readonly endSec: number }[];
      readonly minScore: number;
    }
  /** `doubt`: why the words may not be what is said. */
  | {
      readonly id: number;
      readonly state: 'aligned';
      readonly words: readonly SphinxWord[];
      readonly doubt: string | null;
      readonly others?: readonly { readonly startSec: number; readonly endSec: number }[];
    }
  | { readonly id: number; readonly state: 'failed'; readonly reason: string };

/** Phone label of a word without a known pronunciation. */
export const UNKNOWN_PHONE = 'spn';

const PROGRESS = /^progress (\d+) (\d(?:\.\d+)?)$/;

/** A line on the child's standard output: the share of an item that is done. */
export function formatProgress(id: number, share: number): string {
  return `progress ${id} ${Math.min(1, share).toFixed(3)}`;
}

export function parseProgress(line: string): { readonly id: number; readonly share: number } | null {
  const match = PROGRESS.exec(line);
  return match === null ? null : { id: Number(match[1]), share: Number(match[2]) };
}

/** The outcomes that a child has written, also one that died while it wrote. */
export async function readOutcomes(outcomePath: string): Promise<SphinxOutcome[]> {
  const text = await readFile(outcomePath, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // The text after the last line feed was cut off by the child's death.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as SphinxOutcome);
}
