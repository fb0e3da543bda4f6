import type { Engine } from '../engines/engine.ts';

/** Of recordings that can be aligned. */
export interface Work {
  readonly recordingCount: number;
  /** Length of all utterances together. */
  readonly speechSec: number;
  /** Length of those of them that are long. */
  readonly longSec: number;
}

/**
 * How long an engine may take for recordings, in seconds of one core: what was measured elsewhere, with another machine
 * and often another model. Reading and writing files are not counted.
 * @returns null: it is not known what the engine takes
 */
export function estimateWork(
  { cost }: Pick<Engine, 'cost'>,
  { recordingCount, speechSec, longSec }: Work,
): number | null {
  if (cost === undefined) return null;
  const startCount = cost.startsFor === 'recording' ? recordingCount : Math.min(1, recordingCount);
  return startCount * cost.startSec + speechSec * cost.perSpeechSec + longSec * (cost.perLongSec ?? 0);
}
