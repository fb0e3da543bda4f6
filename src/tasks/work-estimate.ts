import type { Engine } from '../engines/engine.ts';

/** Recordings that can be aligned. */
export interface Work {
  readonly recordingCount: number;
  /** Length of all utterances together. */
  readonly speechSec: number;
  /** Length of those of them that are long. */
  readonly longSec: number;
}

/**
 * How long an engine may take for recordings, in seconds of one core: measured on another machine and often with
 * another model. Reading and writing files are not counted.
 * @returns null: the time of this engine is not known
 */
export function estimateWork(
  { cost }: Pick<Engine, 'cost'>,
  { recordingCount, speechSec, longSec }: Work,
): number | null {
  if (cost === undefined) return null;
  const startCount = cost.startsFor === 'recording' ? recordingCount : Math.min(1, recordingCount);
  return startCount * cost.startSec + speechSec * cost.perSpeechSec + longSec * (cost.perLongSec ?? 0);
}
