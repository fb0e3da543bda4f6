import type { PlaceInText } from '../../base/finding.ts';

/** What is meant for the line with the times of a cue, whether they can be read or not. */
const MEANT = /-->|^\s*-?\d+:[\d:]*[.,]\d+\s*(?:->|[\u2013\u2014\u2192])/;
const TIMES = /^(\s*)(\S+)(\s*-->\s*)(\S+)(?:\s.*)?$/;
const TIME = /^(?:(\d{1,6}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{3,9}))?$/;
const EXAMPLE = '00:01:02,500 --> 00:01:04,000';

export function isTimesLine(line: string): boolean {
  return MEANT.test(line);
}

/** The times of a cue in seconds, or the column of what is wrong with them, from 1, and what that is. */
export type CueTimes =
  | { readonly startSec: number; readonly endSec: number }
  | { readonly place: PlaceInText; readonly expected: string; readonly found: string };

/**
 * The times of a cue. Hours may be left out, and the fraction; it is written with a comma (SRT) or a dot (WebVTT). What
 * stands after the times says where on the screen the cue is shown.
 */
export function readTimes(line: string, number: number): CueTimes {
  const [, blank = '', start, arrow = '', end = ''] = TIMES.exec(line) ?? [];
  const wrong = (column: number, expected: string, found: string): CueTimes => ({
    place: { line: number, column },
    expected,
    found,
  });
  if (start === undefined) return wrong(1, `two times with an arrow, such as ${EXAMPLE}`, line);
  const startSec = readTime(start);
  if (startSec === null) return wrong(blank.length + 1, expectedTime(start), start);
  const endSec = readTime(end);
  if (endSec === null) return wrong(blank.length + start.length + arrow.length + 1, expectedTime(end), end);
  return { startSec, endSec };
}

function readTime(text: string): number | null {
  const [, hours = '0', minutes, seconds, fraction = ''] = TIME.exec(text) ?? [];
  if (minutes === undefined || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  // As one decimal number, so that the time is the one which its digits say.
  return Number(`${whole}.${fraction === '' ? '0' : fraction}`);
}

function expectedTime(found: string): string {
  return /[.,]\d{1,2}$/.test(found)
    ? 'three digits after the comma or dot: ",5" may be 5 or 500 milliseconds'
    : 'a time such as 00:01:02,500, with minutes and seconds below 60';
}
