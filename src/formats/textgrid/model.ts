/**
 * A Praat TextGrid as values. Times are seconds; labels are the decoded text (quotes not doubled).
 * Source: Praat manual, "TextGrid file formats".
 */
export interface TextGrid {
  readonly startSec: number;
  readonly endSec: number;
  readonly tiers: readonly Tier[];
}

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
}

export interface Point {
  readonly timeSec: number;
  readonly text: string;
}
