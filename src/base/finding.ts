import { storableText } from './storable-text.ts';
import { visibleLine } from './visible-text.ts';

/**
 * A place in a user's file, as text editors and the programs for its format show it. Lines, columns, intervals and points
 * are counted from 1.
 */
export interface Place {
  /** Name of the user's file, as uploaded. */
  readonly file?: string;
  readonly line?: number;
  /** Within the line. */
  readonly column?: number;
  readonly tier?: string;
  /** Within its tier. */
  readonly interval?: number;
  /** Within its tier, which is one of points. */
  readonly point?: number;
  /** Seconds from the start of the audio. */
  readonly timeSec?: number;
  /** Where the place ends; not there: at `timeSec`. */
  readonly endSec?: number;
}

/** A place within one file of text. */
export type PlaceInText = Pick<Place, 'line' | 'column'>;

/** One thing that is wrong or odd. Stored as it is in the row of the task and in the manifest. */
export interface Finding<Code extends string = string> {
  readonly code: Code;
  /** Not there: it has no place, or several, which the text names. */
  readonly place?: Place;
  /** What was expected, what was found, then the fix: plain sentences for people, without the place. */
  readonly text: string;
}

/**
 * `talk.TextGrid tier "ann" interval 3 (2.00 s)`, as much of it as is known. Nothing else writes a place. An interval with
 * a line of its own is named by the line, without tier and number: `talk.srt line 7 (2.00 s)`. Characters that the database
 * cannot store are written as the database returns them.
 */
export function formatPlace({ file, line, column, tier, interval, point, timeSec, endSec }: Place): string {
  const isOnLine = line !== undefined && timeSec !== undefined;
  const times = [timeSec, endSec].filter((sec) => sec !== undefined).map((sec) => sec.toFixed(2));
  return [
    file,
    line === undefined ? undefined : `line ${line}`,
    column === undefined ? undefined : `column ${column}`,
    tier === undefined || isOnLine ? undefined : `tier ${JSON.stringify(storableText(tier))}`,
    interval === undefined || isOnLine ? undefined : `interval ${interval}`,
    point === undefined ? undefined : `point ${point}`,
    times.length === 0 ? undefined : `(${times.join(' to ')} s)`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** A finding as people read it everywhere: one line of visible characters, the place first. */
export function formatFinding({ place, text }: Pick<Finding, 'place' | 'text'>): string {
  return visibleLine(place === undefined ? text : `${formatPlace(place)}: ${text}`);
}

/** A finding at a place. @param text - see `Finding` */
export function findingAt<Code extends string>(code: Code, place: Place, text: string): Finding<Code> {
  return { code, place, text };
}
