import type { Place, PlaceInText } from '../base/finding.ts';

/**
 * Boundaries that differ by no more than this are the same: programs that write milliseconds round the end of an
 * interval and the start of the next one separately.
 */
export const BOUNDARY_TOLERANCE_SEC = 0.0005;

/** The place of an interval in its file. `interval`: its number in the tier, from 1. */
export interface IntervalPlace extends Place {
  readonly tier: string;
  readonly interval: number;
}

/** Tiers of labels in time, as transcripts and results have them, whatever their format. Times are seconds. */
export type Tier = IntervalTier | PointTier;

/** A tier of intervals, in time order. Its times are seconds. */
export interface IntervalTier {
  readonly kind: 'interval';
  readonly name: string;
  readonly startSec: number;
  readonly endSec: number;
  readonly intervals: readonly Interval[];
}

/** A tier of points, which are labels without length, in time order. Its times are seconds. */
export interface PointTier {
  readonly kind: 'point';
  readonly name: string;
  readonly startSec: number;
  readonly endSec: number;
  readonly points: readonly Point[];
}

/** A label from one time to another. */
export interface Interval {
  readonly startSec: number;
  readonly endSec: number;
  readonly text: string;
  /**
   * Its line and column in the file, from 1, if people read this format as text. Left out: messages give its number.
   */
  readonly line?: number;
  readonly column?: number;
  /**
   * The lines of a text without times, in order; `text` is all of them with line feeds between. In the result, each
   * line is an interval at the place where its words were found. Left out: the interval stays one.
   */
  readonly lines?: readonly TextLine[];
}

export interface TextLine {
  readonly text: string;
  /** Its number in the file, from 1. */
  readonly line: number;
}

export interface Point {
  readonly timeSec: number;
  readonly text: string;
}

/**
 * The place of an interval, for messages.
 * @param index - in the tier, from 0; past its end: the place has only names and numbers
 */
export function placeOf(file: string, tier: IntervalTier, index: number): IntervalPlace {
  const interval = tier.intervals[index];
  const place = { file, tier: tier.name, interval: index + 1 };
  return interval === undefined ? place : { ...place, ...linesOf(interval), timeSec: interval.startSec };
}

/** Line and column of an interval, if it has them. */
export function linesOf({ line, column }: Pick<Interval, 'line' | 'column'>): PlaceInText {
  return { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}

/** Sorts intervals by their starts, in place. Most files have them in this order, so this is checked first. */
export function sortByStart<Of extends Interval>(intervals: Of[]): Of[] {
  return sortBy(intervals, ({ startSec }) => startSec);
}

/** Sorts items by the start in seconds that a function gives, in place. */
export function sortBy<Of>(all: Of[], startOf: (one: Of) => number): Of[] {
  let lastSec = Number.NEGATIVE_INFINITY;
  for (const item of all) {
    const startSec = startOf(item);
    if (startSec < lastSec) return all.sort((one, other) => startOf(one) - startOf(other));
    lastSec = startSec;
  }
  return all;
}

/** `1.5 s` */
export function formatSec(seconds: number): string {
  return `${seconds} s`;
}

/** `1.5 to 2 s` */
export function formatSpan(range: { readonly startSec: number; readonly endSec: number }): string {
  return `${range.startSec} to ${formatSec(range.endSec)}`;
}
