import type { Cue } from './cue.ts';

/** A line is said again, not shown still, when it comes back after more than this, or for more. */
const ADJACENT_SEC = 0.05;
/** Of a cue with more lines only so many are compared: no screen has more. */
const MAX_LINES = 8;
/** So many of the cues have to begin with the line that the cue before them ends with. In YouTube's they all do. */
const MIN_SHARE = 0.25;
const INLINE_TIMES = /<\/?c(?:\.[^<>]*)?>|<\d[\d:.]*>/g;

/**
 * Cues that roll, as YouTube's automatic ones do, show each line until the next two have come: it stands in two or three
 * cues. Here every line is there once, from when it appears to when the next does.
 * @param cues - by their starts, their lines without inline times
 * @returns null when they do not roll
 */
export function unroll(cues: readonly Cue[]): Cue[] | null {
  const kept = cues.map((cue, at) => keptLines(cues[at - 1], cue));
  const rolledCount = cues.reduce((count, { startSec, endSec, lines }, at) => {
    const own = kept[at] ?? 0;
    // The same alone may well be said again, but not in a moment.
    const isRolled = own > 0 && (own < lines.length || endSec - startSec <= ADJACENT_SEC);
    return isRolled ? count + 1 : count;
  }, 0);
  if (rolledCount === 0 || rolledCount < MIN_SHARE * (cues.length - 1)) return null;
  const unrolled: Cue[] = [];
  for (const [at, cue] of cues.entries()) {
    const lines = cue.lines.slice(kept[at]);
    const last = unrolled.at(-1);
    if (lines.length > 0) {
      if (last !== undefined)
        unrolled[unrolled.length - 1] = { ...last, endSec: Math.min(last.endSec, cue.startSec) };
      unrolled.push({ ...cue, lines });
    } else if (last !== undefined && kept[at] !== 0) {
      unrolled[unrolled.length - 1] = { ...last, endSec: Math.max(last.endSec, cue.endSec) };
    }
  }
  return unrolled;
}

/** A line without the times and classes of its single words, which only colour them. */
export function withoutInlineTimes(line: string): string {
  return line.includes('<') ? line.replace(INLINE_TIMES, '').trim() : line;
}

/** How many lines, from the first on, stand still from the cue before. */
function keptLines(before: Cue | undefined, { startSec, lines }: Cue): number {
  const [first] = lines;
  if (before === undefined || first === undefined || startSec > before.endSec + ADJACENT_SEC) return 0;
  const old = before.lines;
  if (!old.includes(first)) return 0;
  for (let count = Math.min(old.length, lines.length, MAX_LINES); count > 0; count--) {
    if (lines.slice(0, count).every((line, at) => line === old[old.length - count + at])) return count;
  }
  return 0;
}
