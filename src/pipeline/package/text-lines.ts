import type { AlignedWord } from '../../engines/engine.ts';
import type { Interval } from '../../formats/tiers.ts';
import type { PreparedTier, PreparedUtterance, UtteranceLine } from '../prepared.ts';

/** In a shorter gap there is no interval for the lines in between. */
const MIN_GAP_SEC = 0.01;

/**
 * The lines of a text without times as intervals, in time order: each from its first found word to its last. Lines without
 * found words share one interval in the gap between their neighbours; if there is no gap, they join the line before.
 * @returns null: the tier has no such text, or nothing of it was found
 */
export function placeTextLines(
  { utterances }: PreparedTier,
  found: ReadonlyMap<PreparedUtterance, readonly AlignedWord[]>,
): Interval[] | null {
  const intervals = utterances.flatMap((utterance) => {
    const { lines } = utterance;
    const words = found.get(utterance) ?? [];
    return lines === undefined || words.length === 0 ? [] : placeLines(lines, utterance, words);
  });
  return intervals.length === 0 ? null : intervals;
}

function placeLines(
  lines: readonly UtteranceLine[],
  { startSec, endSec }: PreparedUtterance,
  words: readonly AlignedWord[],
): Interval[] {
  const placed: Interval[] = [];
  let waiting: string[] = [];
  let reachedSec = startSec;
  let next = 0;
  for (const [index, { text }] of lines.entries()) {
    const endWord = lines[index + 1]?.firstWord ?? Number.POSITIVE_INFINITY;
    const first = next;
    while (next < words.length && (words[next]?.at ?? next) < endWord) next++;
    const [start, end] = [words[first], words[next - 1]];
    if (next === first || start === undefined || end === undefined) {
      waiting.push(text);
      continue;
    }
    const isGap = start.startSec - reachedSec >= MIN_GAP_SEC;
    const last = placed.at(-1);
    const before = waiting.join('\n');
    let own = text;
    if (before !== '' && isGap) placed.push({ startSec: reachedSec, endSec: start.startSec, text: before });
    else if (before !== '' && last !== undefined)
      placed[placed.length - 1] = { ...last, text: `${last.text}\n${before}` };
    else if (before !== '') own = `${before}\n${text}`;
    waiting = [];
    placed.push({ startSec: start.startSec, endSec: end.endSec, text: own });
    reachedSec = end.endSec;
  }
  const last = placed.at(-1);
  const rest = waiting.join('\n');
  if (rest === '' || last === undefined) return placed;
  if (endSec - reachedSec >= MIN_GAP_SEC) return [...placed, { startSec: reachedSec, endSec, text: rest }];
  return [...placed.slice(0, -1), { ...last, text: `${last.text}\n${rest}` }];
}
