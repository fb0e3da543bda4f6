/** What is shown on the screen from one time to another. */
export interface Cue {
  readonly startSec: number;
  readonly endSec: number;
  /** As they stand in the file, without empty ones and without the times of single words. */
  readonly lines: readonly string[];
  /** Number of the line with its times, from 1. */
  readonly line: number;
}
