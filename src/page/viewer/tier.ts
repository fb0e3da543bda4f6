/** A tier as the server sends it, see the API: start, end, label, and the label in IPA if it differs. */
export interface GivenTier {
  readonly name: string;
  readonly role: 'words' | 'phones' | 'transcript' | 'other';
  readonly speaker: string;
  readonly points?: true;
  readonly intervals: readonly (readonly [number, number, string, string?])[];
}

/** A place to look at. */
export interface DoubtfulPlace {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly code: string;
  readonly tier?: string;
}

export interface GivenTiers {
  readonly seconds: number;
  readonly tiers: readonly GivenTier[];
  readonly doubtful: readonly DoubtfulPlace[];
}

/** Shorter intervals cannot be made. */
export const SHORTEST_SEC = 0.001;
/** Boundaries with a smaller distance are the same. */
const SAME_SEC = 0.0005;

/** A tier as it is shown and edited. Intervals are in time order and do not overlap. */
export interface Tier {
  readonly name: string;
  readonly role: GivenTier['role'];
  readonly speaker: string;
  readonly isPoints: boolean;
  /** Replaced when boundaries are inserted or removed. */
  starts: Float64Array;
  ends: Float64Array;
  readonly labels: string[];
  /** Only if they differ from `labels`. */
  readonly ipa: (string | undefined)[];
}

export function toTier({ name, role, speaker, points, intervals }: GivenTier): Tier {
  return {
    name,
    role,
    speaker,
    isPoints: points === true,
    starts: Float64Array.from(intervals, ([start]) => start),
    ends: Float64Array.from(intervals, ([, end]) => end),
    labels: intervals.map(([, , label]) => label),
    ipa: intervals.map(([, , , ipa]) => ipa),
  };
}

/** The label that is shown. */
export function labelOf(tier: Tier, index: number, isIpa: boolean): string {
  const label = tier.labels[index] ?? '';
  return isIpa ? (tier.ipa[index] ?? label) : label;
}

export function startOf(tier: Tier, index: number): number {
  return tier.starts[index] ?? 0;
}

export function endOf(tier: Tier, index: number): number {
  return tier.ends[index] ?? 0;
}

/**
 * The first interval that ends after a time: the one at the time, if there is one. The number of intervals: none does.
 */
export function indexAt(tier: Tier, sec: number): number {
  return firstWhere(tier.ends, (end) => end > sec);
}

/** The first interval that starts at a time or later. The number of intervals: none does. */
export function indexFrom(tier: Tier, sec: number): number {
  return firstWhere(tier.starts, (start) => start >= sec);
}

/** The interval that ends at a time, if another one follows. */
export function boundaryAt(tier: Tier, sec: number): number | null {
  if (tier.isPoints) return null;
  let from = 0;
  let to = tier.ends.length - 1;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (endOf(tier, middle) < sec - SAME_SEC) from = middle + 1;
    else to = middle;
  }
  return from + 1 < tier.ends.length && Math.abs(endOf(tier, from) - sec) <= SAME_SEC ? from : null;
}

function firstWhere(values: Float64Array, isThere: (value: number) => boolean): number {
  let from = 0;
  let to = values.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isThere(values[middle] ?? 0)) to = middle;
    else from = middle + 1;
  }
  return from;
}
