import { TaskError } from '../../base/errors.ts';
import { atOnce, type InPieces, Piece } from '../../base/pieces.ts';
import { secondsText } from '../seconds-text.ts';
import { BOUNDARY_TOLERANCE_SEC, type Interval, type Tier } from '../tiers.ts';
import { findGap } from './check.ts';
import type { TextGrid } from './model.ts';

/** Praat writes smaller numbers with a power of ten. */
const SMALLEST_PLAIN_SEC = 1e-4;

/**
 * Writes a TextGrid in Praat's long text form, byte for byte as Praat does. To be stored as UTF-8.
 * @throws TaskError E_OUTPUT_INVALID when an interval tier does not cover the time of the grid exactly once: `fillGaps`
 *   makes tiers that do
 */
export function writeTextGrid(grid: TextGrid): string {
  return atOnce(writeTextGridInPieces(grid));
}

/** As `writeTextGrid`, in pieces, for a grid that may be long. */
export function* writeTextGridInPieces(grid: TextGrid): InPieces<string> {
  const lines = [
    'File type = "ooTextFile"',
    'Object class = "TextGrid"',
    '',
    `xmin = ${formatNumber(grid.startSec)} `,
    `xmax = ${formatNumber(grid.endSec)} `,
    'tiers? <exists> ',
    `size = ${grid.tiers.length} `,
    'item []: ',
  ];
  for (const [index, tier] of grid.tiers.entries()) {
    assertGapless(tier, grid);
    lines.push(
      `    item [${index + 1}]:`,
      `        class = "${tier.kind === 'interval' ? 'IntervalTier' : 'TextTier'}" `,
      `        name = ${quote(tier.name)} `,
      `        xmin = ${formatNumber(tier.startSec)} `,
      `        xmax = ${formatNumber(tier.endSec)} `,
    );
    yield* pushItems(lines, tier);
  }
  lines.push('');
  return lines.join('\n');
}

/** @throws TaskError E_OUTPUT_INVALID when an interval tier does not cover the time of the grid exactly once */
export function assertGapless(tier: Tier, grid: TextGrid): void {
  const gap = tier.kind === 'interval' ? findGap(tier, grid) : null;
  if (gap === null) return;
  const place = { tier: tier.name, interval: gap.index + 1 };
  throw new TaskError('E_OUTPUT_INVALID', gap.text, { place });
}

function* pushItems(lines: string[], tier: Tier): InPieces<void> {
  const piece = new Piece();
  const timeText = secondsText(formatNumber);
  if (tier.kind === 'point') {
    lines.push(`        points: size = ${tier.points.length} `);
    for (const [index, { timeSec, text }] of tier.points.entries()) {
      lines.push(
        `        points [${index + 1}]:`,
        `            number = ${timeText(timeSec)} `,
        `            mark = ${quote(text)} `,
      );
      if (piece.add(text)) yield;
    }
    return;
  }
  lines.push(`        intervals: size = ${tier.intervals.length} `);
  for (const [index, { startSec, endSec, text }] of tier.intervals.entries()) {
    lines.push(
      `        intervals [${index + 1}]:`,
      `            xmin = ${timeText(startSec)} `,
      `            xmax = ${timeText(endSec)} `,
      `            text = ${quote(text)} `,
    );
    if (piece.add(text)) yield;
  }
}

/** A number with the fewest digits that give the same number when read, as Praat writes it. */
export function formatNumber(value: number): string {
  if (value === 0 || Math.abs(value) >= SMALLEST_PLAIN_SEC) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}

/** A text between quotes, with its own quotes doubled. */
export function quote(text: string): string {
  return `"${text.includes('"') ? text.replaceAll('"', '""') : text}"`;
}

/**
 * Adds empty intervals between intervals, so that they cover the time from start to end exactly once. Boundaries that
 * differ by at most half a millisecond become one boundary. Intervals without text and length are left out.
 * @param intervals - in time order, without overlaps, between start and end
 * @throws TaskError E_OUTPUT_INVALID when they are not, with the number of the interval
 */
export function fillGaps(intervals: readonly Interval[], startSec: number, endSec: number): Interval[] {
  const filled: Interval[] = [];
  let reachedSec = startSec;
  for (const [index, interval] of intervals.entries()) {
    const from = isSame(interval.startSec, reachedSec) ? reachedSec : interval.startSec;
    const isLast = index === intervals.length - 1;
    const to = isLast && isSame(interval.endSec, endSec) ? endSec : interval.endSec;
    if (to <= from && interval.text.trim() === '') continue;
    if (!(from >= reachedSec && to > from && to <= endSec))
      throw notInOrder(interval, index, reachedSec, endSec);
    if (from > reachedSec) filled.push({ startSec: reachedSec, endSec: from, text: '' });
    filled.push({ startSec: from, endSec: to, text: interval.text });
    reachedSec = to;
  }
  if (reachedSec < endSec) filled.push({ startSec: reachedSec, endSec, text: '' });
  return filled;
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= BOUNDARY_TOLERANCE_SEC;
}

function notInOrder(interval: Interval, index: number, reachedSec: number, endSec: number): TaskError {
  const text = `expected it between ${reachedSec} s and ${endSec} s, found ${interval.startSec} s to ${interval.endSec} s`;
  const place = { interval: index + 1, timeSec: interval.startSec };
  return new TaskError('E_OUTPUT_INVALID', text, { place });
}
