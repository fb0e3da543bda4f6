import type { TaskError } from '../../base/errors.ts';
import type { AlignedTier, AlignedWord, AlignmentFile, Utterance } from '../engine.ts';
import { isFileFault } from './per-file.ts';

/** One utterance of a file and the tier it is from. */
export interface TierUtterance {
  readonly tierId: string;
  readonly utterance: Utterance;
}

/** What one engine start is given of a file: tier after tier, each in time order. */
export type Part = readonly TierUtterance[];

/** What one engine start made of a part. */
export interface PartOutcome {
  readonly words: ReadonlyMap<string, readonly AlignedWord[]>;
  /** Utterances that were lost with others, in parts that are each worth a start of their own. */
  readonly again: readonly Part[];
  /** Utterances that were lost but are known to be good: aligned together, in a start without any bad one. */
  readonly sound?: Part;
  /** Why the start as a whole failed; null: it did not, or the sound of an utterance was to blame. */
  readonly fault: TaskError | null;
  /** What else than its sound may be wrong with an utterance that made a start fail; see `alignInParts`. */
  readonly suspicion?: TaskError;
}

/** Starts of a file that may bring no good utterance, and how many more there are for twice the utterances. */
const FRUITLESS_STARTS = { least: 20, perDoubling: 4 };
/** The same where starts fail as a whole: then it is rather the file or the set-up that is bad than an utterance. */
const FAILED_STARTS = { least: 3, perDoubling: 2 };
/** Good utterances are not kept waiting past this: when time runs out, what was aligned until then is kept. */
const MAX_SOUND_WAITING = 32;

/**
 * Aligns one file with an engine that lets one bad utterance take others with it: first as a whole, then what
 * was lost in the smaller parts that the engine's driver proposes, one start after another. A start that brings
 * nothing counts against a limit that grows with the logarithm of the utterances; a start that finds good ones does not.
 * @param startPart - runs the engine; `number` counts the file's starts from 1
 * @returns what was aligned, and what the engine did not come to; tiers with neither are left out
 * @throws TaskError when nothing came out of any start: what failed the first, or what was suspected of all that
 *   brought nothing; at once for a fault that is not this file's own
 */
export async function alignInParts(
  file: AlignmentFile,
  startPart: (part: Part, number: number) => Promise<PartOutcome>,
): Promise<AlignedTier[]> {
  const whole = wholeFile(file);
  const queue = new PartQueue(whole);
  const found = new Map<string, AlignedWord[]>();
  let alignedCount = 0;
  const doublings = Math.ceil(Math.log2(whole.length + 1));
  const maxFailed = FAILED_STARTS.least + FAILED_STARTS.perDoubling * doublings;
  let fruitlessLeft = FRUITLESS_STARTS.least + FRUITLESS_STARTS.perDoubling * doublings;
  let firstFault: TaskError | null = null;
  let suspicion: TaskError | null | undefined;
  for (let number = 1; ; number += 1) {
    const part = queue.take(fruitlessLeft > 0, alignedCount);
    if (part === null) break;
    let outcome: PartOutcome;
    try {
      outcome = await startPart(part, number);
    } catch (error) {
      if (found.size === 0 || !isFileFault(error)) throw error;
      queue.giveBack(part);
      break;
    }
    if (outcome.fault !== null && !isFileFault(outcome.fault)) throw outcome.fault;
    firstFault ??= outcome.fault;
    const wordCount = addWords(found, outcome.words);
    const { again, sound = [] } = outcome;
    if (wordCount > 0) alignedCount += part.length - again.flat().length;
    else if (sound.length === 0) fruitlessLeft -= 1;
    // One utterance that only its sound speaks against clears the engine.
    if (wordCount === 0) suspicion = suspicion === null ? null : (outcome.suspicion ?? null);
    queue.add(again, sound);
    const isHopeless = found.size === 0 && !queue.hasSound && firstFault !== null;
    if (isHopeless && number >= maxFailed) break;
  }
  const reason = firstFault ?? suspicion ?? null;
  if (found.size === 0 && reason !== null) throw reason;
  return toTiers(file, found, queue.left());
}

/** The utterances of a part that have no aligned word within their time. */
export function findLost(part: Part, words: PartOutcome['words']): Part {
  return splitByTier(part).flatMap((utterances) => {
    const aligned = words.get(utterances[0]?.tierId ?? '') ?? [];
    let next = 0;
    return utterances.filter(({ utterance: { startSec, endSec } }) => {
      while (next < aligned.length && middleSec(aligned[next]) < startSec) next += 1;
      return !(middleSec(aligned[next]) <= endSec);
    });
  });
}

/** A part as one part per tier, in the part's order. */
export function splitByTier(part: Part): Part[] {
  return [...Map.groupBy(part, ({ tierId }) => tierId).values()];
}

/** In two, so that a long row of bad utterances is got over in few starts. */
export function halve<T>(items: readonly T[]): T[][] {
  const middle = Math.floor(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** What waits for a start. */
class PartQueue {
  #untried: Part[];
  #sound: Part = [];
  #isLongestNext = false;
  readonly #places: ReadonlyMap<TierUtterance, number>;

  constructor(whole: Part) {
    this.#untried = [whole].filter(isFilled);
    this.#places = new Map(whole.map((one, place) => [one, place]));
  }

  get hasSound(): boolean {
    return this.#sound.length > 0;
  }

  add(again: readonly Part[], sound: Part): void {
    this.#untried.push(...again.filter(isFilled));
    this.#sound = [...this.#sound, ...sound];
  }

  giveBack(part: Part): void {
    this.#untried.push(part);
  }

  /**
   * What is known to be good, when there is much of it or nothing else may be tried; else an untried part. Bad
   * utterances come in rows: the latest part is soonest past one at the beginning, the longest past any other.
   */
  take(mayTry: boolean, alignedCount: number): Part | null {
    const isDue = this.#sound.length >= Math.max(MAX_SOUND_WAITING, alignedCount);
    if (isDue || !mayTry || this.#untried.length === 0) {
      const sound = this.#sound.toSorted((a, b) => this.#placeOf([a]) - this.#placeOf([b]));
      this.#sound = [];
      return isFilled(sound) ? sound : null;
    }
    const weigh = this.#isLongestNext ? (part: Part) => part.length : (part: Part) => this.#placeOf(part);
    this.#isLongestNext = !this.#isLongestNext;
    const chosen = this.#untried.reduce((best, part) => (weigh(part) >= weigh(best) ? part : best));
    this.#untried = this.#untried.filter((part) => part !== chosen);
    return chosen;
  }

  /** What nothing is known of. */
  left(): Part {
    return [...this.#untried.flat(), ...this.#sound];
  }

  #placeOf([first]: Part): number {
    return first === undefined ? -1 : (this.#places.get(first) ?? -1);
  }
}

function isFilled(part: Part): boolean {
  return part.length > 0;
}

/** @returns how many words came */
function addWords(found: Map<string, AlignedWord[]>, words: PartOutcome['words']): number {
  let wordCount = 0;
  for (const [tierId, aligned] of words) {
    if (aligned.length === 0) continue;
    found.set(tierId, [...(found.get(tierId) ?? []), ...aligned]);
    wordCount += aligned.length;
  }
  return wordCount;
}

function toTiers(file: AlignmentFile, found: ReadonlyMap<string, AlignedWord[]>, left: Part): AlignedTier[] {
  const untried = Map.groupBy(left, ({ tierId }) => tierId);
  return file.tiers.flatMap(({ id }) => {
    const words = found.get(id)?.sort((a, b) => a.startSec - b.startSec) ?? [];
    const rest = untried.get(id)?.map(({ utterance }) => utterance) ?? [];
    if (words.length === 0 && rest.length === 0) return [];
    return [{ fileId: file.id, tierId: id, words, ...(rest.length > 0 ? { untried: rest } : {}) }];
  });
}

function wholeFile(file: AlignmentFile): Part {
  return file.tiers.flatMap((tier) => tier.utterances.map((utterance) => ({ tierId: tier.id, utterance })));
}

function middleSec(word: AlignedWord | undefined): number {
  return word === undefined ? Number.NaN : (word.startSec + word.endSec) / 2;
}
