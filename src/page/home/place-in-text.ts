import type { Place } from '../../base/finding.ts';

/** Lines of an interval in a short TextGrid: start, end, label. Before them are start, end and size of the tier. */
const SHORT = { tier: 3, interval: 3 };

/**
 * Finds the place of a finding in the text of its file, as well as possible without a reader of the format.
 * @returns the first and the last character of it; both 0 when it is not found
 */
export function findInText(text: string, place: Place): readonly [start: number, end: number] {
  const { line, column, tier } = place;
  if (line !== undefined) {
    const [start, end] = lineAt(text, 0, line - 1);
    return [Math.min(end, start + (column ?? 1) - 1), end];
  }
  if (tier === undefined) return [0, 0];
  const quoted = `"${tier.replaceAll('"', '""')}"`;
  const inLong = text.indexOf(`name = ${quoted}`);
  if (inLong >= 0) return findInLong(text, inLong, place);
  const inShort = text.indexOf(`\n${quoted}`);
  if (inShort < 0) return [0, 0];
  const number = place.interval ?? 0;
  return lineAt(text, inShort + 1, number === 0 ? 0 : 1 + SHORT.tier + (number - 1) * SHORT.interval);
}

function findInLong(text: string, tierStart: number, { interval, point }: Place): readonly [number, number] {
  const head = interval !== undefined ? `intervals [${interval}]` : `points [${point ?? 1}]`;
  const start = text.indexOf(head, tierStart);
  if (start < 0) return lineAt(text, tierStart, 0);
  // Up to the next interval, or the next tier.
  const next = /^\s*(?:intervals|points|item) \[/m.exec(text.slice(start + head.length));
  const part = text.slice(start, next === null ? text.length : start + head.length + next.index);
  return [start, start + part.trimEnd().length];
}

/** The line that is a number of lines after the one that begins at `from`. */
function lineAt(text: string, from: number, count: number): readonly [number, number] {
  let start = from;
  for (let left = count; left > 0; left--) {
    const feed = text.indexOf('\n', start);
    if (feed < 0) break;
    start = feed + 1;
  }
  const end = text.indexOf('\n', start);
  return [start, end < 0 ? text.length : end];
}
