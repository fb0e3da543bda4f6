import { must } from '../../base/must.ts';
import type { PreparedUtterance } from '../prepared.ts';
import type { WordInPlace } from './match.ts';
import { type Part, toPart } from './parts.ts';

/** Where an utterance may be cut between two found words. */
export interface SeamRule {
  /** The shortest pause between them. */
  readonly pauseSec: number;
  /** How many words must be found in a row on each side. */
  readonly rowLength: number;
}

const MIN_SEC = 6;
const MAX_SEC = 25;

interface Seam {
  /** The middle of the pause. */
  readonly sec: number;
  readonly pauseSec: number;
  /** Place of the word after it. */
  readonly at: number;
}

/**
 * Cuts an utterance into parts with all of its words, found or not: at the longest pauses between found words, so that parts
 * have at most 25 s if there are such pauses.
 * @param words - those that were found, in time order
 */
export function cutWhole(
  utterance: PreparedUtterance,
  words: readonly WordInPlace[],
  rule: SeamRule,
): Part[] {
  const seams = findSeams(words, rule);
  const parts: Part[] = [];
  let from = { sec: utterance.startSec, at: 0 };
  let next = 0;
  while (utterance.endSec - from.sec > MAX_SEC) {
    while ((seams[next]?.sec ?? Number.POSITIVE_INFINITY) <= from.sec) next++;
    const seam = chooseSeam(seams, next, from.sec);
    if (seam === undefined) break;
    parts.push(partOf(utterance, from, seam));
    from = seam;
  }
  return [...parts, partOf(utterance, from, { sec: utterance.endSec, at: utterance.words.length })];
}

/** The longest pause between 6 and 25 s; otherwise the last one before, otherwise the first one after. */
function chooseSeam(seams: readonly Seam[], first: number, fromSec: number): Seam | undefined {
  let best: Seam | undefined;
  for (let at = first; at < seams.length; at++) {
    const seam = must(seams[at], 'a seam');
    const isNear = seam.sec - fromSec <= MAX_SEC;
    if (!isNear) return best ?? seam;
    const isBestEarly = best !== undefined && best.sec - fromSec < MIN_SEC;
    if (best === undefined || isBestEarly || seam.pauseSec >= best.pauseSec) best = seam;
  }
  return best;
}

function findSeams(words: readonly WordInPlace[], { pauseSec, rowLength }: SeamRule): Seam[] {
  const rows = countRows(words);
  return words.slice(1).flatMap((after, index): Seam[] => {
    const before = must(words[index], 'the word before');
    const pause = after.startSec - before.endSec;
    const left = must(rows[index], 'the row of a word');
    const right = must(rows[index + 1], 'the row of a word');
    const isSure =
      after.at === before.at + 1 && pause >= pauseSec && left.before >= rowLength && right.after >= rowLength;
    return isSure ? [{ sec: (before.endSec + after.startSec) / 2, pauseSec: pause, at: after.at }] : [];
  });
}

/** How many words were found in a row up to each word, and from each word on. */
function countRows(words: readonly WordInPlace[]): { before: number; after: number }[] {
  const rows = words.map(() => ({ before: 1, after: 1 }));
  const isNext = (index: number): boolean => words[index]?.at === (words[index - 1]?.at ?? Number.NaN) + 1;
  for (let index = 1; index < rows.length; index++) {
    if (isNext(index)) must(rows[index], 'a row').before += must(rows[index - 1], 'a row').before;
  }
  for (let index = rows.length - 1; index > 0; index--) {
    if (isNext(index)) must(rows[index - 1], 'a row').after += must(rows[index], 'a row').after;
  }
  return rows;
}

function partOf(
  utterance: PreparedUtterance,
  from: Pick<Seam, 'sec' | 'at'>,
  to: Pick<Seam, 'sec' | 'at'>,
): Part {
  const places = Array.from({ length: to.at - from.at }, (_, index) => from.at + index);
  return toPart(utterance, { startSec: from.sec, endSec: to.sec }, places);
}
