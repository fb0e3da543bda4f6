import type { Finding } from './errors.ts';

/** A place in a user's file, as the programs for its format show it. */
export interface Place {
  readonly file: string;
  readonly tier?: string;
  /** Within its tier, from 1. */
  readonly interval?: number;
  /** Within the file, from 1, with the column in it. */
  readonly line?: number;
  readonly column?: number;
  /** Seconds from the start of the audio. */
  readonly timeSec?: number;
  /** Where the place ends; left out: at `timeSec`. */
  readonly endSec?: number;
}

/** `talk.TextGrid tier "ann" interval 3 (2.00 s)`, or `talk.srt line 7 (2.00 s)`; nothing else writes a place. @internal */
export function formatPlace({ file, tier, interval, line, column, timeSec, endSec }: Place): string {
  const times = endSec === undefined ? timeSec?.toFixed(2) : `${timeSec?.toFixed(2)} to ${endSec.toFixed(2)}`;
  return [
    file,
    ...(tier === undefined || line !== undefined ? [] : [`tier ${JSON.stringify(tier)}`]),
    ...(interval === undefined || line !== undefined ? [] : [`interval ${interval}`]),
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(column === undefined ? [] : [`column ${column}`]),
    ...(times === undefined ? [] : [`(${times} s)`]),
  ].join(' ');
}

/** A fault or warning at a place. @param text - what was expected, what was found, then the mend */
export function findingAt<Code extends string>(code: Code, place: Place, text: string): Finding<Code> {
  const { endSec: _, ...fields } = place;
  return { code, message: `${formatPlace(place)}: ${text}`, ...fields };
}
