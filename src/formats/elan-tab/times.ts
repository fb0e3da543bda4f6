/** Forms of times in exports of ELAN, in the order of its columns. `frames` cannot be read without the frame rate. */
export type TimeFormat = 'hh:mm:ss.ms' | 'ss.msec' | 'msec' | 'frames';

const FORMATS: readonly (readonly [TimeFormat, RegExp])[] = [
  ['hh:mm:ss.ms', /^\d{1,3}:[0-5]\d:[0-5]\d(?:[.,]\d{1,3})?$/],
  ['ss.msec', /^\d{1,9}[.,]\d{1,9}$/],
  ['msec', /^\d{1,12}$/],
  ['frames', /^\d{1,3}:[0-5]\d:[0-5]\d[:;]\d{2}$/],
];
const MS_PER_SEC = 1000;

/** All forms, in the order of ELAN's columns. */
export const TIME_FORMATS: readonly TimeFormat[] = FORMATS.map(([format]) => format);

/** The format of a time; null: the cell is not a time. */
export function timeFormatOf(cell: string): TimeFormat | null {
  const trimmed = cell.trim();
  return FORMATS.find(([, pattern]) => pattern.test(trimmed))?.[0] ?? null;
}

/** Reads a time as seconds; null: the cell is not a time of this format. */
export function readElanTime(cell: string, format: TimeFormat): number | null {
  const trimmed = cell.trim();
  if (format === 'frames' || timeFormatOf(trimmed) !== format) return null;
  if (format === 'msec') return Number(trimmed) / MS_PER_SEC;
  const decimal = trimmed.replace(',', '.');
  if (format === 'ss.msec') return Number(decimal);
  const [hours = 0, minutes = 0, seconds = 0] = decimal.split(':').map(Number);
  // Sums of whole milliseconds are exact.
  return Math.round(((hours * 60 + minutes) * 60 + seconds) * MS_PER_SEC) / MS_PER_SEC;
}
