import type { Tier } from '../tiers.ts';

/**
 * The content of a Praat TextGrid. Times are in seconds. Labels are decoded: their quotes are not doubled.
 * Source: Praat manual, "TextGrid file formats".
 */
export interface TextGrid {
  readonly startSec: number;
  readonly endSec: number;
  readonly tiers: readonly Tier[];
}
