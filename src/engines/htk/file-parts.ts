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
  /** Utterances that came back without a word, in parts that are each worth a start of their own. */
  readonly again: readonly Part[];
  /** Utterances that were lost but are known to be good: aligned together, in one last start. */
  readonly sound?: Part;
  /** Why the start as a whole failed; null: it did not, or the sound of an utterance was to blame. */
  readonly fault: TaskError | null;
}

/** Bound on what one bad file may cost: more bad utterances than this take good ones with them. */
const MAX_STARTS = 20;
/** After so many starts without a single word it is the file or the set-up that is bad, not an utterance. */
const MAX_FRUITLESS_STARTS = 3;

/**
 * Aligns one file with an engine that lets one bad utterance take others with it: first as a whole, then what
 * was lost in the smaller parts that the engine's driver proposes, one start after another.
 * @param startPart - runs the engine; `number` counts the file's starts from 1
 * @returns what was aligned; tiers without a word are left out
 * @throws TaskError what failed the first start, when nothing came out of any; at once for a fault that is not
 *   this file's own
 */
export async function alignInParts(
  file: AlignmentFile,
  startPart: (part: Part, number: number) => Promise<PartOutcome>,
): Promise<AlignedTier[]> {
  const found = new Map<string, AlignedWord[]>();
  const waiting: Part[] = [wholeFile(file)];
  let sound: Part = [];
  let firstFault: TaskError | null = null;
  for (let number = 1; number <= MAX_STARTS; number += 1) {
    const isLast = number === MAX_STARTS && sound.length > 0;
    let part = isLast ? undefined : waiting.shift();
    if (part === undefined) [part, sound] = [sound, []];
    if (part.length === 0) break;
    let outcome: PartOutcome;
    try {
      outcome = await startPart(part, number);
    } catch (error) {
      if (found.size === 0 || !isFileFault(error)) throw error;
      break;
    }
    for (const [tierId, words] of outcome.words) {
      if (words.length > 0) found.set(tierId, [...(found.get(tierId) ?? []), ...words]);
    }
    if (outcome.fault !== null && !isFileFault(outcome.fault)) throw outcome.fault;
    firstFault ??= outcome.fault;
    waiting.push(...outcome.again.filter((again) => again.length > 0));
    sound = [...sound, ...(outcome.sound ?? [])];
    const isFruitless = found.size === 0 && sound.length === 0 && firstFault !== null;
    if (isFruitless && number >= MAX_FRUITLESS_STARTS) break;
  }
  if (found.size === 0 && firstFault !== null) throw firstFault;
  return [...found].map(([tierId, words]) => ({
    fileId: file.id,
    tierId,
    words: words.sort((a, b) => a.startSec - b.startSec),
  }));
}

/** The utterances of a part that have no aligned word within their time. */
export function findLost(part: Part, words: PartOutcome['words']): Part {
  return part.filter(({ tierId, utterance }) => {
    const isWithin = (word: AlignedWord): boolean => {
      const middleSec = (word.startSec + word.endSec) / 2;
      return middleSec >= utterance.startSec && middleSec <= utterance.endSec;
    };
    return !(words.get(tierId) ?? []).some(isWithin);
  });
}

/** A part as one part per tier, in the part's order. */
export function splitByTier(part: Part): Part[] {
  return [...Map.groupBy(part, ({ tierId }) => tierId).values()];
}

function wholeFile(file: AlignmentFile): Part {
  return file.tiers.flatMap((tier) => tier.utterances.map((utterance) => ({ tierId: tier.id, utterance })));
}
