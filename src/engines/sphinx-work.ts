import type { AlignedTier, AlignmentRequest, Utterance } from './engine.ts';
import type { JobWord, SphinxItem, SphinxOutcome, SphinxWord, Stretch } from './sphinx-job.ts';

/** What an item stands for: some words of an utterance, and its share of the progress. */
interface Assignment {
  readonly item: SphinxItem;
  readonly utterance: number;
  /** Place of the item's first word within the utterance. */
  readonly firstWord: number;
  readonly shareSec: number;
}

interface PlacedUtterance extends Utterance {
  readonly fileId: string;
  readonly tierId: string;
}

/** Longer stretches take memory with the square of their length: 33 s 150 MB, 122 s 800 MB, 240 s end the process. */
const STRETCH_MAX_SEC = 30;
/** Of the time for a long utterance, this share goes into finding where it can be cut. */
const DIVIDE_SHARE = 0.5;
const MAX_MIN_PHONES = 8;

/**
 * The items that a request is worked off by, and what came of them. Children are given the pending items; what they
 * did is settled; until nothing is pending. Every round settles at least one item, so it ends.
 */
export class SphinxWork {
  readonly words: readonly JobWord[];
  readonly totalSec: number;
  readonly #utterances: PlacedUtterance[] = [];
  readonly #assignments = new Map<number, Assignment>();
  readonly #found = new Map<number, { firstWord: number; words: readonly SphinxWord[] }[]>();
  readonly #failures: string[] = [];
  #pending: SphinxItem[] = [];
  #doneSec = 0;

  constructor(request: AlignmentRequest, unknownPhone: string) {
    const numbers = new Map<string, number>();
    for (const file of request.files) {
      for (const tier of file.tiers) {
        for (const utterance of tier.utterances) {
          const words = utterance.words.map((word) => numberOf(word, numbers));
          this.#addUtterance({ ...utterance, fileId: file.id, tierId: tier.id }, { ...file, words });
        }
      }
    }
    this.words = toJobWords(request, numbers, unknownPhone);
    this.totalSec = this.#utterances.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
  }
}
