import type { InPieces } from '../../base/pieces.ts';
import type { Parts } from './parts.ts';

/** How a cell shows its number. `time`: with seconds; `minutes`: as hours and minutes, which Excel makes of `1:30`. */
export type NumberKind = 'number' | 'time' | 'minutes' | 'date';

/** The kinds of formats that no workbook has to define, by their ids: ECMA-376 part 1, 18.8.30, with East Asian dates. */
const BUILT_IN: ReadonlyMap<number, NumberKind> = new Map([
  ...[14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map(
    (id) => [id, 'date'] as const,
  ),
  ...[19, 21, 33, 35, 45, 46, 47].map((id) => [id, 'time'] as const),
  ...[18, 20, 32, 34, 55, 56].map((id) => [id, 'minutes'] as const),
]);
const MS_PER_DAY = 86_400_000;
/** The number of 1970-01-01 in a workbook that counts days from 1900. */
const DAYS_TO_1970 = 25_569;
/** A workbook that counts from 1904 has numbers that are smaller by this. */
const DAYS_TO_1904 = 1_462;
/** The day after 9999-12-31, the last date of spreadsheets. */
const MAX_DAYS = 2_958_466;
const MAX_HOURS = 9_999;
const MICROS_PER_SEC = 1_000_000;

/** The kind of number of each cell style. @param part - name of the part of styles; null: the workbook has none */
export function* readNumberKinds(parts: Parts, part: string | null): InPieces<readonly NumberKind[]> {
  const own = new Map<number, NumberKind>();
  const formats: number[] = [];
  let isCells = false;
  let isOwn = false;
  if (part === null) return [];
  yield* parts.read(part, {
    open: (name, { numFmtId, formatCode }) => {
      if (name === 'cellXfs') isCells = true;
      // Only here: conditional formats also have elements `numFmt`, whose ids mean something else.
      if (name === 'numFmts') isOwn = true;
      if (name === 'numFmt' && isOwn) own.set(Number(numFmtId), kindOf(formatCode ?? ''));
      if (name === 'xf' && isCells) formats.push(Number(numFmtId ?? 0));
    },
    close: (name) => {
      if (name === 'cellXfs') isCells = false;
      if (name === 'numFmts') isOwn = false;
    },
  });
  return formats.map((id) => own.get(id) ?? BUILT_IN.get(id) ?? 'number');
}

/**
 * The kind of a format such as `[h]:mm:ss.000` or `dd/mm/yyyy`. Texts in quotes, and brackets with anything but hours,
 * minutes or seconds, such as `[Red]`, say nothing about it.
 */
function kindOf(code: string): NumberKind {
  const [positive = ''] = code.split(';', 1);
  const signs = positive
    .replaceAll(/"[^"]*"|\\.|_.|\*./g, '')
    .replaceAll(/\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi, '')
    .toLowerCase();
  if (/[yd]/.test(signs)) return 'date';
  if (signs.includes('s')) return 'time';
  if (signs.includes('h')) return 'minutes';
  return /^[^a-z]*m+[^a-z]*$/.test(signs) ? 'date' : 'number';
}

/**
 * The text of a number, for readers of tables: a time as `h:mm:ss`, with up to 6 decimals; a date as `2024-05-01` or
 * `2024-05-01T12:00:00`; hours and minutes with a note that they are such; any other number with a decimal point.
 * @param value - in days, unless it is a plain number
 */
export function showNumber(value: number, kind: NumberKind, isFrom1904: boolean): string {
  if (kind === 'number' || value < 0 || value > MAX_DAYS) return String(value);
  if (kind === 'date' && value >= 1) {
    const days = value - DAYS_TO_1970 + (isFrom1904 ? DAYS_TO_1904 : 0);
    return new Date(Math.round(days * MS_PER_DAY)).toISOString().replace(/(?:T00:00:00)?\.000Z$/, '');
  }
  // Rounded, since a fraction of a day cannot hold 0.001 s exactly.
  const micros = Math.round((value * MS_PER_DAY * MICROS_PER_SEC) / 1000);
  const sec = Math.floor(micros / MICROS_PER_SEC);
  const [hours, minutes] = [Math.floor(sec / 3600), Math.floor(sec / 60) % 60];
  if (hours > MAX_HOURS) return String(value);
  const two = (number: number) => String(number).padStart(2, '0');
  if (kind === 'minutes') return `${hours}:${two(minutes)} (hours and minutes)`;
  const fraction = String(micros % MICROS_PER_SEC)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${hours}:${two(minutes)}:${two(sec % 60)}${fraction === '' ? '' : `.${fraction}`}`;
}
