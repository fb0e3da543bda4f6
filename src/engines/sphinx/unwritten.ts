import type { Speech } from '../engine.ts';

/** Speech with shorter pauses is one stretch. */
const PAUSE_SEC = 0.6;
/** Shorter sounds are a breath, a click, or the edge of a word. */
const MIN_SEC = 0.5;

/**
 * Finds speech that is not in the text: other speech that a search heard, without the time of words that were aligned later.
 * @param others - in any order
 * @param words - in time order
 */
export function findUnwritten(others: readonly Speech[], words: readonly Speech[]): Speech[] {
  const parts: Speech[] = [];
  let next = 0;
  for (const { startSec, endSec } of others.toSorted((a, b) => a.startSec - b.startSec)) {
    while ((words[next]?.endSec ?? Number.POSITIVE_INFINITY) <= startSec) next++;
    let fromSec = startSec;
    let at = next;
    for (let word = words[at]; word !== undefined && word.startSec < endSec; word = words[++at]) {
      parts.push({ startSec: fromSec, endSec: word.startSec });
      fromSec = word.endSec;
    }
    parts.push({ startSec: fromSec, endSec });
  }
  const merged: Speech[] = [];
  let passed = 0;
  for (const part of parts.filter(({ startSec, endSec }) => endSec > startSec)) {
    const last = merged.at(-1);
    const lastEndSec = last?.endSec ?? 0;
    while ((words[passed]?.endSec ?? Number.POSITIVE_INFINITY) <= lastEndSec) passed++;
    const hasWord = (words[passed]?.startSec ?? Number.POSITIVE_INFINITY) < part.startSec;
    const isOne = last !== undefined && part.startSec - lastEndSec < PAUSE_SEC && !hasWord;
    if (isOne) merged.splice(-1, 1, { ...last, endSec: Math.max(lastEndSec, part.endSec) });
    else merged.push({ startSec: part.startSec, endSec: part.endSec });
  }
  return merged.filter(({ startSec, endSec }) => endSec - startSec >= MIN_SEC);
}
