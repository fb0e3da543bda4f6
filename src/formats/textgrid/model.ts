import type { Tier } from '../tiers.ts';

/**
 * A Praat TextGrid as values. Times are seconds; labels are the decoded text (quotes not doubled).
 * Source: Praat manual, "TextGrid file formats".
 */
export interface TextGrid {
  readonly startSec: number;
  readonly endSec: number;
  readonly tiers: readonly Tier[];
}
