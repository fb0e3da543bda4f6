import type { Place, PlaceInText } from '../base/finding.ts';

/**
 * Boundaries that differ by no more than this are the same boundary: programs that write milliseconds round both
 * sides of it on their own.
 */
export const BOUNDARY_TOLERANCE_SEC = 0.0005;

/** The place of an interval in its file. */
export interface IntervalPlace extends Place {
  readonly tier: string;
  readonly interval: number;
}

/** Tiers of labels in time, as transcripts and results have them, whatever their format. Times are seconds. */
export type Tier = IntervalTier | PointTier;

export interface IntervalTier {
  readonly kind: 'interval';
  readonly name: string;
  readonly startSec: number;
  readonly endSec: number;
  readonly intervals: readonly Interval[];
}

export interface PointTier {
  readonly kind: 'point';
  readonly name: string;
  readonly startSec: number;
  readonly endSec: number;
  readonly points: readonly Point[];
}

export interface Interval {
  readonly startSec: number;
  readonly endSec: number;
  readonly text: string;
  /** Its line in the file, from 1, if people read this format line by line. Left out: people count intervals. */
  readonly line?: number;
  readonly column?: number;
  /**
   * Of a text without times: its lines, in order, which make up `text` with line feeds between them. In the result each is
   * an interval where its words were found. Not there: the interval stays one.
   */
  readonly lines?: readonly TextLine[];
}

export interface TextLine {
  readonly text: string;
  /** In the file, from 1. */
  readonly line: number;
}

export interface Point {
  readonly timeSec: number;
  readonly text: string;
}

/** Where an interval is, in the terms of its format. @param index - within its tier, from 0; past its end: no interval */
export function placeOf(file: string, tier: IntervalTier, index: number): IntervalPlace {
  const interval = tier.intervals[index];
  const place = { file, tier: tier.name, interval: index + 1 };
  return interval === undefined ? place : { ...place, ...linesOf(interval), timeSec: interval.startSec };
}

/** Line and column of an interval, if it has them. */
export function linesOf({ line, column }: Pick<Interval, 'line' | 'column'>): PlaceInText {
  return { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}

/** Sorts intervals by their starts. Most files have them in this order, so this is checked first. */
export function sortByStart<Of extends Interval>(intervals: Of[]): Of[] {
  return sortBy(intervals, ({ startSec }) => startSec);
}

/** Sorts items by the start that a function gives. */
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
