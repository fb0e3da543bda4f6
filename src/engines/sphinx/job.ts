import { readFile } from 'node:fs/promises';
import { must } from '../../base/must.ts';
import type { Span, WordStretch } from '../stretches.ts';

/**
 * The only sample rate that the decoder gets. It rounds its step of 10 ms to whole samples, so that with 22,050 Hz its times run
 * ahead by 2.3 ms per second of an utterance, and with 11,025 Hz behind. It refuses rates at which its window of 25.6 ms has
 * slightly more samples than a power of two (20,000 Hz). The models use frequencies from 130 to 3700 Hz, which all rates have.
 */
export const SAMPLE_RATE_HZ = 16_000;

/** The input of one child process, in a JSON file. Words are numbers: no text of a user reaches the decoder. */
export interface SphinxJob {
  /** Folder of the acoustic model. */
  readonly modelDir: string;
  /** The child appends its outcomes here. */
  readonly outcomePath: string;
  readonly words: readonly JobWord[];
  /** The phones that a word without a known pronunciation may have. */
  readonly loopPhones: readonly string[];
  readonly items: readonly SphinxItem[];
}

export interface JobWord {
  /** Phones with blanks between; empty: the pronunciation is unknown. */
  readonly pronunciations: readonly string[];
  /** If the pronunciation is unknown: how many phones the word has at least. */
  readonly minPhoneCount: number;
}

export interface SphinxItem {
  readonly id: number;
  /** `divide`: find the stretches of a long utterance; `align`: find the words and phones of a stretch. */
  readonly kind: 'divide' | 'align';
  readonly audioPath: string;
  readonly sampleRateHz: number;
  readonly startSec: number;
  readonly endSec: number;
  readonly words: readonly number[];
  readonly from: StretchSource;
  /** Words with a lower score are not said. */
  readonly minScore: number;
  /** Whether the words are of another language than the model. */
  readonly isForeign: boolean;
}

/**
 * Why words may be in a stretch. `text`: the stretch is an utterance, or the words were followed one by one; `search`: a search
 * heard them; `gap`: they are between words that were found; `rest`: as `gap`, but the stretch was searched before.
 */
export type StretchSource = 'text' | 'search' | 'gap' | 'rest';

/** A stretch of an utterance, with the words that may be spoken in it. */
export interface Stretch extends WordStretch {
  readonly from: StretchSource;
}

/** A phone. Times are seconds from the start of the file. */
export interface SphinxPhone {
  readonly label: string;
  readonly startSec: number;
  readonly endSec: number;
}

/** The phones of a word: at least one, without gaps between them. */
export type SphinxWord = readonly SphinxPhone[];

/** The time from the start of a word's first phone to the end of its last one. */
export function spanOf(word: SphinxWord): Span {
  const first = must(word[0], 'the phones of a word');
  return { startSec: first.startSec, endSec: (word.at(-1) ?? first).endSec };
}

/**
 * The outcome of an item: one line in the outcome file of the child. If an item has only the line `begun`, the child died while it
 * processed this item.
 */
export type SphinxOutcome =
  | { readonly id: number; readonly state: 'begun' }
  /** `others`: speech that is not in the text; `minScore`: for the words in gaps. */
  | {
      readonly id: number;
      readonly state: 'divided';
      readonly stretches: readonly Stretch[];
      readonly others: readonly { readonly startSec: number; readonly endSec: number }[];
      readonly minScore: number;
    }
  /** `doubt`: why the words may not be said; null: there is no doubt. */
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

/** A line for the standard output of a child. @param share - of the item that is done, 0 to 1 */
export function formatProgress(id: number, share: number): string {
  return `progress ${id} ${Math.min(1, share).toFixed(3)}`;
}

export function parseProgress(line: string): { readonly id: number; readonly share: number } | null {
  const match = PROGRESS.exec(line);
  return match === null ? null : { id: Number(match[1]), share: Number(match[2]) };
}

/** The outcomes that a child has written. The child may have died while it wrote one. */
export async function readOutcomes(outcomePath: string): Promise<SphinxOutcome[]> {
  const text = await readFile(outcomePath, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // The text after the last line feed was cut off by the child's death.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as SphinxOutcome);
}
