import { readPlainDecimal } from '../plain-decimal.ts';

/** Begin, end and duration are rounded separately, so they may differ by this. */
export const TOLERANCE_SEC = 0.0025;

/**
 * How the times of a column are written. `plain`: the header has no unit; `other`: a unit that cannot be read, such as
 * frames.
 */
export type TimeUnit = 'ms' | 's' | 'clock' | 'plain' | 'other';

export const EXPECTED_TIME = 'expected a time in seconds (12.5) or as hh:mm:ss.mmm (0:00:12.500)';

const WORDS_OF_UNITS: readonly (readonly [TimeUnit, readonly string[]])[] = [
  ['s', ['s', 'sec', 'secs', 'second', 'seconds', 'ss.msec', 'ss.ms']],
  ['ms', ['ms', 'msec', 'msecs', 'millis', 'millisecond', 'milliseconds']],
  ['other', ['frame', 'frames', 'sample', 'samples', 'min', 'minutes', 'hh:mm:ss:ff']],
];
const UNIT_WORDS: ReadonlyMap<string, TimeUnit> = new Map(
  WORDS_OF_UNITS.flatMap(([unit, words]) => words.map((word) => [word, unit] as const)),
);
/** `begin_ms`, `Begin Time - hh:mm:ss.ms`, `start (s)`, `begin in seconds`. */
const WITH_UNIT = /^(.*?[a-z])(?: *[([] *| *[-/,:] +|[ _.]+(?:in[ _])?)([a-z.:,]+)[)\]]?$/;
const CLOCK = /^h{0,2}:?m{1,2}:ss(?:[.,]\w{1,4})?$/;
const NUMBER = /^[-+]?(?:\d{1,15}(?:[.,]\d{0,20})?|[.,]\d{1,20})(?:e[-+]?\d{1,3})?$/i;
/** Hours, minutes, seconds and frames, as programs for films have them. */
export const FRAMES_TIME = /^\d{1,3}:\d\d:\d\d[:;]\d\d$/;
const CLOCK_TIME = /^(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:[.,]\d{1,9})?)$/;
const WHOLE = /^\d+$/;
const PER_MINUTE = 60;
const PER_HOUR = 3600;
const MS_PER_SEC = 1000;

/** Splits the name of a column from the unit after it. @param header - in small letters */
export function splitUnit(header: string): { readonly name: string; readonly unit: TimeUnit } {
  const [, name, word = ''] = WITH_UNIT.exec(header) ?? [];
  const unit = UNIT_WORDS.get(word) ?? (CLOCK.test(word) ? 'clock' : null);
  return name === undefined || unit === null ? { name: header, unit: 'plain' } : { name, unit };
}

/**
 * Reads a time: a number with a decimal point or comma, unless the unit is `clock`, or `hh:mm:ss.mmm` or `mm:ss` with
 * any unit.
 * @param content - without blanks around it
 * @returns seconds; null: it is not a time
 */
export function readTime(content: string, unit: TimeUnit): number | null {
  const plain = unit === 'clock' ? Number.NaN : readPlainDecimal(content);
  if (plain >= 0) return unit === 'ms' ? plain / MS_PER_SEC : plain;
  if (NUMBER.test(content)) {
    const number = Number(content.includes(',') ? content.replace(',', '.') : content);
    if (unit === 'clock' || !Number.isFinite(number)) return null;
    return unit === 'ms' ? number / MS_PER_SEC : number;
  }
  const [, hours = '0', minutes, seconds = ''] = CLOCK_TIME.exec(content) ?? [];
  if (minutes === undefined) return null;
  const sec = Number(seconds.replace(',', '.'));
  const isInHours = content.split(':').length > 2;
  if (sec >= PER_MINUTE || (isInHours && Number(minutes) >= PER_MINUTE)) return null;
  // Read as one decimal number, so that 0:00:12.345 is the same number as 12.345.
  const wholeSec = Number(hours) * PER_HOUR + Number(minutes) * PER_MINUTE;
  return Number(`${wholeSec + Math.floor(sec)}${seconds.replace(',', '.').replace(/^\d+/, '')}`);
}

/** Whether a time has only digits: it may be in milliseconds if its column has no unit. */
export function isWholeNumber(content: string): boolean {
  return WHOLE.test(content);
}
