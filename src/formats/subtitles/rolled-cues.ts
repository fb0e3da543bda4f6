import type { Cue } from './read-cues.ts';

/**
 * A repeated line is still shown from before, unless it comes after a longer gap or is alone in a longer cue: then it
 * was said again.
 */
const ADJACENT_SEC = 0.05;
/** How many lines of a cue are compared at most: no screen has more. */
const MAX_LINES = 8;
/** Cues roll if at least this share of them begins with the last line of the cue before. All cues of YouTube do. */
const MIN_SHARE = 0.25;

/**
 * Converts rolling cues, such as the automatic ones of YouTube, which show each line in two or three cues. In the result, each line
 * is in one cue, from the time when it appears until the next line appears.
 * @param cues - sorted by their starts
 * @returns null: the cues do not roll
 */
export function unroll(cues: readonly Cue[]): Cue[] | null {
  const kept = cues.map((cue, at) => keptChars(cues[at - 1], cue));
  let rolledCount = 0;
  for (const [at, { startSec, endSec, text }] of cues.entries()) {
    const own = kept[at] ?? 0;
    // A cue that has only the same text may be said again, unless it is very short.
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

/** How many characters at the beginning of a cue, in whole lines, are still shown from the cue before. */
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
