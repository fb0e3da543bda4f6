import type { TaskError } from '../../base/errors.ts';
import { must } from '../../base/must.ts';
import type { AlignedTier, AlignedWord, AlignmentFile, Utterance } from '../engine.ts';
import { isFileFault } from './per-file.ts';

/** One utterance of a file, with its tier. */
export interface TierUtterance {
  readonly tierId: string;
  readonly utterance: Utterance;
}

/** The utterances of one start: tier by tier, each in time order. */
export type FilePart = readonly TierUtterance[];
type FilledPart = readonly [TierUtterance, ...TierUtterance[]];

/** The outcome of one start. */
export interface PartOutcome {
  /** The aligned words by tier. */
  readonly words: ReadonlyMap<string, readonly AlignedWord[]>;
  /** Utterances that were lost because of others, in parts that should each have their own start. */
  readonly again: readonly FilePart[];
  /** Utterances that were lost but are known to be good. They are aligned together, in a start without a bad one. */
  readonly good?: FilePart;
  /** Why the whole start failed; null: it did not fail, or only because of the audio of an utterance. */
  readonly fault: TaskError | null;
  /** A possible fault of an utterance that made a start fail, other than its audio; see `alignInParts`. */
  readonly suspicion?: TaskError;
}

/**
 * How many starts one file may have. A failed start finds at most one bad utterance, so scattered bad utterances need about one
 * start each. If there are more, some good ones are left, and are reported as not tried.
 * @internal
 */
export const MAX_STARTS = 500;
/** How many of these starts are reserved for utterances that are known to be good. */
const KEPT_FOR_GOOD = 10;
/** How many starts in a row may find no good utterance: `least`, and `perDoubling` more for each doubling of the utterances. */
const FRUITLESS_STARTS = { least: 20, perDoubling: 4 };
/**
 * How many utterances may make a whole start fail while no good one is found. After more of them, the file or the installation is
 * probably bad, not an utterance.
 */
const FAILED_UTTERANCES = { least: 3, perDoubling: 2 };
/** How many good utterances may wait. They are aligned in between, so that they are not lost if the time runs out. */
const MAX_GOOD_WAITING = 32;

/**
 * Aligns one file with an engine that loses other utterances because of a bad one: first the whole file, then what was lost, in the
 * parts that the driver proposes. It ends when all good utterances are aligned, after `MAX_STARTS`, or when too many starts in a
 * row have found no good one.
 *
 * A row of bad utterances needs a number of starts that grows with the logarithm of the file's utterances. `bad` scattered ones need
 * about one start each or, if a start does not tell at which utterance it failed, at most `2 x bad x (log2(all) + 1) + 1`. A bad
 * utterance is not tried again here: the second run of the task does that, after all utterances that were not tried.
 * @param startPart - runs the engine; `number` counts the starts of the file from 1
 * @param note - gets a line about what was not tried, and why
 * @returns what was aligned and what was not tried; tiers with neither are left out
 * @throws TaskError when nothing was aligned: the fault of the first start that failed, or the suspicion about all utterances; at
 *   once for a fault that other files would have, too
 */
export async function alignInParts(
  file: AlignmentFile,
  startPart: (part: FilePart, number: number) => Promise<PartOutcome>,
  note: (text: string) => Promise<void>,
): Promise<AlignedTier[]> {
  const whole = wholeFile(file);
  const queue = new PartQueue(whole);
  const found = new Map<string, AlignedWord[]>();
  const doublings = Math.ceil(Math.log2(whole.length + 1));
  const limitOf = ({ least, perDoubling }: typeof FRUITLESS_STARTS): number =>
    least + perDoubling * doublings;
  let badCount = 0;
  let startCount = 0;
  let fruitlessCount = 0;
  let firstFault: TaskError | null = null;
  let suspicion: TaskError | null | undefined;
  while (startCount < MAX_STARTS) {
    const mayTry = fruitlessCount < limitOf(FRUITLESS_STARTS) && startCount < MAX_STARTS - KEPT_FOR_GOOD;
    const next = queue.take(mayTry);
    if (next === null) break;
    const { part, isGood } = next;
    startCount += 1;
    let outcome: PartOutcome;
    try {
      outcome = await startPart(part, startCount);
    } catch (error) {
      if (found.size === 0 || !isFileFault(error)) throw error;
      queue.giveBack(part);
      break;
    }
    if (outcome.fault !== null && !isFileFault(outcome.fault)) throw outcome.fault;
    firstFault ??= outcome.fault;
    const wordCount = addWords(found, outcome.words);
    const { again, good = [] } = outcome;
    badCount += part.length - again.flat().length - good.length;
    if (!isGood) fruitlessCount = wordCount > 0 || good.length > 0 ? 0 : fruitlessCount + 1;
    // If one utterance failed only because of its audio, the engine has no fault.
    if (wordCount === 0) suspicion = suspicion === null ? null : (outcome.suspicion ?? null);
    queue.add(again, good, goodOf(part, outcome));
    const isHopeless = found.size === 0 && !queue.hasGood && firstFault !== null;
    if (isHopeless && badCount >= limitOf(FAILED_UTTERANCES)) break;
  }
  const left = queue.left();
  if (left.length > 0) await note(describeLeft(left, whole.length, startCount, fruitlessCount));
  const reason = firstFault ?? suspicion ?? null;
  if (found.size === 0 && reason !== null) throw reason;
  return toTiers(file, found, left);
}

function describeLeft(left: FilePart, allCount: number, startCount: number, fruitlessCount: number): string {
  const fromSec = left.reduce(
    (sec, { utterance }) => Math.min(sec, utterance.startSec),
    Number.POSITIVE_INFINITY,
  );
  const toSec = left.reduce((sec, { utterance }) => Math.max(sec, utterance.endSec), 0);
  return (
    `ended after ${startCount} starts of ${MAX_STARTS} at most, the last ${fruitlessCount} without a good interval; ` +
    `not tried: ${left.length} of ${allCount} intervals, between ${fromSec.toFixed(2)} and ${toSec.toFixed(2)} s`
  );
}

/** The utterances of a part that have no aligned word within their time. */
export function findLost(part: FilePart, words: PartOutcome['words']): FilePart {
  return [...splitByTier(part)].flatMap(([tierId, utterances]) => {
    const aligned = words.get(tierId) ?? [];
    let next = 0;
    return utterances.filter(({ utterance: { startSec, endSec } }) => {
      while (next < aligned.length && middleSec(aligned[next]) < startSec) next += 1;
      return !(middleSec(aligned[next]) <= endSec);
    });
  });
}

/** Divides a part into one part for each tier, by the id of the tier. */
export function splitByTier(part: FilePart): ReadonlyMap<string, FilePart> {
  return Map.groupBy(part, ({ tierId }) => tierId);
}

/** Divides a list into two halves: so a long row of bad utterances needs few starts. */
export function halve<T>(items: readonly T[]): T[][] {
  const middle = Math.floor(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** The utterances that wait for a start. */
class PartQueue {
  #untried: FilledPart[];
  #good: FilePart = [];
  #alignedCount = 0;
  #takenCount = 0;
  readonly #places: ReadonlyMap<TierUtterance, number>;
  /** Where good utterances are. */
  readonly #goodPlaces = new Set<number>();

  constructor(whole: FilePart) {
    this.#untried = [whole].filter(isFilled);
    this.#places = new Map(whole.map((one, place) => [one, place]));
  }

  get hasGood(): boolean {
    return this.#good.length > 0;
  }

  /** @param aligned - utterances with aligned words */
  add(again: readonly FilePart[], good: FilePart, aligned: FilePart): void {
    this.#untried.push(...again.filter(isFilled));
    this.#good = [...this.#good, ...good];
    this.#alignedCount += aligned.length;
    for (const one of [...good, ...aligned]) this.#goodPlaces.add(this.#placeOf(one));
  }

  giveBack(part: FilledPart): void {
    this.#untried.push(part);
  }

  /**
   * Chooses the next part. Utterances that are known to be good come next if there are many of them or nothing else may be tried.
   * Otherwise it is an untried part, chosen in turn by three rules, since bad utterances are often in rows: the latest part soon
   * gets past a row at the beginning, the longest part past another row, and beside good utterances a row ends.
   */
  take(mayTry: boolean): { readonly part: FilledPart; readonly isGood: boolean } | null {
    const isDue = this.#good.length >= Math.max(MAX_GOOD_WAITING, this.#alignedCount);
    if (isDue || !mayTry || this.#untried.length === 0) {
      const part = this.#good.toSorted((a, b) => this.#placeOf(a) - this.#placeOf(b));
      this.#good = [];
      return isFilled(part) ? { part, isGood: true } : null;
    }
    const rule = this.#takenCount % 3;
    const besideGood = rule === 2 ? this.#untried.filter((part) => this.#isBesideGood(part)) : [];
    const weigh =
      rule === 0 ? (part: FilledPart) => this.#placeOf(part[0]) : (part: FilledPart) => part.length;
    this.#takenCount += 1;
    const choice = besideGood.length > 0 ? besideGood : this.#untried;
    const part = choice.reduce((best, one) => (weigh(one) >= weigh(best) ? one : best));
    this.#untried = this.#untried.filter((one) => one !== part);
    return { part, isGood: false };
  }

  /** The utterances that still wait. */
  left(): FilePart {
    return [...this.#untried.flat(), ...this.#good];
  }

  #isBesideGood(part: FilledPart): boolean {
    const [first] = part;
    const last = part.at(-1) ?? first;
    return this.#goodPlaces.has(this.#placeOf(first) - 1) || this.#goodPlaces.has(this.#placeOf(last) + 1);
  }

  #placeOf(one: TierUtterance): number {
    return must(this.#places.get(one), 'the place of an utterance in its file');
  }
}

function goodOf(part: FilePart, { words }: PartOutcome): FilePart {
  const lost = new Set(findLost(part, words));
  return part.filter((one) => !lost.has(one));
}

function isFilled(part: FilePart): part is FilledPart {
  return part.length > 0;
}

/** @returns how many words were added */
function addWords(found: Map<string, AlignedWord[]>, words: PartOutcome['words']): number {
  let wordCount = 0;
  for (const [tierId, aligned] of words) {
    if (aligned.length === 0) continue;
    const known = found.get(tierId) ?? [];
    found.set(tierId, known);
    for (const word of aligned) known.push(word);
    wordCount += aligned.length;
  }
  return wordCount;
}

function toTiers(
  file: AlignmentFile,
  found: ReadonlyMap<string, AlignedWord[]>,
  left: FilePart,
): AlignedTier[] {
  const untried = Map.groupBy(left, ({ tierId }) => tierId);
  return file.tiers.flatMap(({ id }) => {
    const words = found.get(id)?.sort((a, b) => a.startSec - b.startSec) ?? [];
    const rest = untried.get(id)?.map(({ utterance }) => utterance) ?? [];
    if (words.length === 0 && rest.length === 0) return [];
    return [{ fileId: file.id, tierId: id, words, ...(rest.length > 0 ? { untried: rest } : {}) }];
  });
}

function wholeFile(file: AlignmentFile): FilePart {
  return file.tiers.flatMap((tier) => tier.utterances.map((utterance) => ({ tierId: tier.id, utterance })));
}

function middleSec(word: AlignedWord | undefined): number {
  return word === undefined ? Number.NaN : (word.startSec + word.endSec) / 2;
}
