import type { InPieces } from '../../base/pieces.ts';
import type { Parts } from './parts.ts';

/** How a number is shown. `minutes`: as hours and minutes, which Excel makes of `1:30`. */
export type NumberKind = 'number' | 'time' | 'minutes' | 'date';

/** Formats that a workbook does not define (ECMA-376 part 1, 18.8.30), the East Asian dates among them. */
const BUILT_IN: ReadonlyMap<number, NumberKind> = new Map([
  ...[14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map(
    (id) => [id, 'date'] as const,
  ),
  ...[19, 21, 33, 35, 45, 46, 47].map((id) => [id, 'time'] as const),
  ...[18, 20, 32, 34, 55, 56].map((id) => [id, 'minutes'] as const),
]);
const MS_PER_DAY = 86_400_000;
/** Days from the first of 1900, as spreadsheets count, to the first of 1970; from 1904 it is 1,462 less. */
const DAYS_TO_1970 = 25_569;
const DAYS_TO_1904 = 1_462;
const MAX_DAYS = 2_958_466;
const MAX_HOURS = 9_999;
const MICROSECONDS = 1_000_000;

/** The kinds of numbers by the style of their cell. @param part - null: the workbook has no styles */
export function* readNumberKinds(parts: Parts, part: string | null): InPieces<readonly NumberKind[]> {
  const own = new Map<number, NumberKind>();
  const formats: number[] = [];
  let isCells = false;
  let isOwn = false;
  if (part === null) return [];
  yield* parts.read(part, {
    open: (name, { numFmtId, formatCode }) => {
      if (name === 'cellXfs') isCells = true;
      // Not those of conditional formats, which have numbers of their own.
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

/** The kind of a format such as `[h]:mm:ss.000` or `dd/mm/yyyy`; what stands in quotes or brackets is shown as it is. */
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

/** A number as a reader of tables takes it: times as `h:mm:ss.mmm`, others as people see them. */
export function showNumber(value: number, kind: NumberKind, isFrom1904: boolean): string {
  if (kind === 'number' || value < 0 || value > MAX_DAYS) return String(value);
  if (kind === 'date' && value >= 1) {
    const days = value - DAYS_TO_1970 + (isFrom1904 ? DAYS_TO_1904 : 0);
    return new Date(Math.round(days * MS_PER_DAY)).toISOString().replace(/(?:T00:00:00)?\.000Z$/, '');
  }
  // Days are a binary fraction, in which a thousandth of a second is not exact.
  const micros = Math.round((value * MS_PER_DAY * MICROSECONDS) / 1000);
  const sec = Math.floor(micros / MICROSECONDS);
  const [hours, minutes] = [Math.floor(sec / 3600), Math.floor(sec / 60) % 60];
  if (hours > MAX_HOURS) return String(value);
  const two = (number: number) => String(number).padStart(2, '0');
  if (kind === 'minutes') return `${hours}:${two(minutes)} (hours and minutes)`;
  const fraction = String(micros % MICROSECONDS)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${hours}:${two(minutes)}:${two(sec % 60)}${fraction === '' ? '' : `.${fraction}`}`;
}
