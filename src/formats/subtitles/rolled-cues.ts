import type { Cue } from './read-cues.ts';

/** A line is said again, not shown still, when it comes back after more than this, or for more. */
const ADJACENT_SEC = 0.05;
/** Of a cue with more lines only this number is compared, since no screen has more. */
const MAX_LINES = 8;
/** This share of the cues must begin with the line with which the cue before them ends. In YouTube's all do. */
const MIN_SHARE = 0.25;

/**
 * Cues that roll, as YouTube's automatic ones do, show each line until the next two have come: it stands in two or three
 * cues. Here every line is there once, from when it appears to when the next does.
 * @param cues - by their starts
 * @returns null when they do not roll
 */
export function unroll(cues: readonly Cue[]): Cue[] | null {
  const kept = cues.map((cue, at) => keptChars(cues[at - 1], cue));
  let rolledCount = 0;
  for (const [at, { startSec, endSec, text }] of cues.entries()) {
    const own = kept[at] ?? 0;
    // The same alone may well be said again, but not in a moment.
    if (own > 0 && (own < text.length || endSec - startSec <= ADJACENT_SEC)) rolledCount += 1;
  }
  if (rolledCount === 0 || rolledCount < MIN_SHARE * (cues.length - 1)) return null;
  const unrolled: Cue[] = [];
  for (const [at, cue] of cues.entries()) {
    const text = cue.text.slice(kept[at]);
    const last = unrolled.at(-1);
    if (text !== '') {
      if (last !== undefined) last.endSec = Math.min(last.endSec, cue.startSec);
      unrolled.push({ ...cue, text });
    } else if (last !== undefined && kept[at] !== 0) {
      last.endSec = Math.max(last.endSec, cue.endSec);
    }
  }
  return unrolled;
}

/** How much of the text, from its beginning, stands still from the cue before: whole lines. */
function keptChars(before: Cue | undefined, { startSec, text }: Cue): number {
  if (before === undefined || text === '' || startSec > before.endSec + ADJACENT_SEC) return 0;
  const lineEnd = text.indexOf('\n');
  if (!before.text.includes(lineEnd < 0 ? text : text.slice(0, lineEnd))) return 0;
  const [old, lines] = [before.text.split('\n'), text.split('\n')];
  for (let count = Math.min(old.length, lines.length, MAX_LINES); count > 0; count--) {
    const isKept = lines.slice(0, count).every((line, at) => line === old[old.length - count + at]);
    if (isKept && count === lines.length) return text.length;
    if (isKept) return lines.slice(0, count).join('\n').length + 1;
  }
  return 0;
}
