import type { PlaceInText } from '../../base/finding.ts';

/** A line that begins with a time and another arrow than `-->`. */
const OTHER_ARROW = /^\s*-?\d+:[\d:]*[.,]\d+\s*(?:->|[\u2013\u2014\u2192])/;
const TIMES = /^(\s*)(\S+)(\s*-->\s*)(\S+)(?:\s.*)?$/s;
const TIME = /^(?:(\d{1,6}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{3,9}|00?))?$/;
const [ZERO, SPACE, COLON, COMMA, DOT] = [0x30, 0x20, 0x3a, 0x2c, 0x2e];
const EXAMPLE = '00:01:02,500 --> 00:01:04,000';

/** Dashes that are used between two times, as an arrow is, or in an arrow. */
const DASHES = /[\u2013\u2014\u2192]/g;
/** From the first dash only: from each dash of a long row it would take minutes. */
const ARROWS = /(?<!-)-+>+/g;

/** Whether a line is meant to have the times of a cue, even if they cannot be read. */
export function isTimesLine(line: string): boolean {
  return line.startsWith('-->', 13) || line.includes('-->') || (line.includes(':') && OTHER_ARROW.test(line));
}

/** Replaces arrows: every reader takes a line with `-->` for the times of a cue, and some take `00:01.5 -> 00:02.5`. */
export function withoutArrow(text: string): string {
  return isTimesLine(text) ? text.replace(DASHES, '-').replace(ARROWS, '-') : text;
}

/** The times of a cue in seconds, or the place of what is wrong with them, what was expected and what was found. */
export type CueTimes =
  | { readonly startSec: number; readonly endSec: number }
  | { readonly place: PlaceInText; readonly expected: string; readonly found: string };

/**
 * Reads the times of a cue. The hours and the fraction may be left out; the fraction has a comma (SRT) or a dot
 * (WebVTT) before it. The text after the times says where on the screen the cue is shown; it is not read.
 * @param number - of the line, for the place
 */
export function readTimes(line: string, number: number): CueTimes {
  const usual = readUsualTimes(line);
  if (usual !== null) return usual;
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

/**
 * Reads times in the form `00:01:02,500 --> 00:01:04,000`, as nearly all are, many times faster than with patterns.
 * Null: another form.
 */
function readUsualTimes(line: string): CueTimes | null {
  const isUsual = line.startsWith(' --> ', 12) && (line.length === 29 || line.charCodeAt(29) === SPACE);
  if (!isUsual) return null;
  const startMs = readUsualTime(line, 0);
  const endMs = readUsualTime(line, 17);
  return startMs === null || endMs === null ? null : { startSec: startMs / 1000, endSec: endMs / 1000 };
}

function readUsualTime(line: string, at: number): number | null {
  const point = line.charCodeAt(at + 8);
  const isMarked = line.charCodeAt(at + 2) === COLON && line.charCodeAt(at + 5) === COLON;
  if (!isMarked || (point !== COMMA && point !== DOT)) return null;
  const hours = readDigits(line, at, 2);
  const minutes = readDigits(line, at + 3, 2);
  const seconds = readDigits(line, at + 6, 2);
  // Anything that is not a digit makes `ms` NaN.
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + readDigits(line, at + 9, 3);
  return minutes < 60 && seconds < 60 && ms >= 0 ? ms : null;
}

function readDigits(line: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = line.charCodeAt(index) - ZERO;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return value;
}

function readTime(text: string): number | null {
  const [, hours = '0', minutes, seconds, fraction = ''] = TIME.exec(text) ?? [];
  if (minutes === undefined || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  // Read as one decimal number: adding a fraction could change the last digit.
  return Number(`${whole}.${fraction === '' ? '0' : fraction}`);
}

function expectedTime(found: string): string {
  return /[.,]\d{1,2}$/.test(found)
    ? 'three digits after the comma or dot: ",5" may be 5 or 500 milliseconds'
    : 'a time such as 00:01:02,500, with minutes and seconds below 60';
}
