import { TOLERANCE_SEC } from '../table/times.ts';
import { readElanTime, TIME_FORMATS, type TimeFormat, timeFormatOf } from './times.ts';

/** Which columns of a table have times, names and annotations. Columns count from 0. */
export interface Layout {
  readonly hasHeader: boolean;
  /** The column for each kind of time. Kinds that were not exported are left out. */
  readonly times: Partial<Record<TimeKind, TimeColumn>>;
  /** Column with the name of the tier; null: the columns of annotations are tiers. */
  readonly tier: number | null;
  /** The columns of annotations, each with the name of its tier; empty: the table does not have this name. */
  readonly annotations: readonly { readonly column: number; readonly name: string }[];
  /** Names of columns that are not read. */
  readonly unread: readonly string[];
}

/** A table with times that cannot be read. `found`: what it has instead of begin and end, for a message. */
export interface UnclearLayout {
  readonly found: string;
}

export type TimeKind = 'begin' | 'end' | 'duration';

export interface TimeColumn {
  readonly column: number;
  readonly format: TimeFormat;
}

type Row = readonly string[];
type Times = Layout['times'];

/** ELAN's headers are `Begin Time - ss.msec` in the language of its user, the format always as here. */
const LABEL = /^(.*\S)\s+-\s+(?:hh:mm:ss\.ms|ss\.msec|msec)$/i;
const KIND_WORDS: readonly (readonly [TimeKind, RegExp])[] = [
  ['duration', /dur|dauer|duur|länge|längd|lengte|varakt|длит|продолж|时长|持续|継続|지속|길이/iu],
  ['end', /\bend|eind|\bfin|slut|stop|offset|tmax|xmax|конец|конеч|оконч|结束|終|終了|종료|끝/iu],
  ['begin', /beg|start|onset|from|tmin|xmin|anfang|inici|inicio|départ|debut|début|нач|开始|開始|시작/iu],
];
/** Three times in four formats. */
const MAX_TIME_COLUMNS = 12;
/** Times are searched in this number of columns: names come before them, annotations after them. */
const MAX_COLUMNS = 32;
/**
 * This share of the rows has a time in a column of times. Other content in it is a fault, which is reported with its
 * place.
 */
const TIME_SHARE = 0.9;

/**
 * Finds the layout of a table from its first rows.
 * @returns null: it is not a table with times
 */
export function findLayout(rows: readonly Row[]): Layout | UnclearLayout | null {
  const plain = layoutOf(rows, null);
  if (plain !== null) return plain;
  const [header = [], ...others] = rows;
  const named = layoutOf(others, header);
  // A first row with an invalid time is not a header: it is read like any other row, and reported.
  const isRow =
    named !== null && !('found' in named) && timesOf(named).some(({ column }) => isTime(header[column]));
  return isRow ? layoutOf(others, null) : named;
}

function isTime(cell: string | undefined): boolean {
  return timeFormatOf(cell ?? '') !== null;
}

function timesOf({ times }: Layout): TimeColumn[] {
  return Object.values(times);
}

function layoutOf(rows: readonly Row[], header: Row | null): Layout | UnclearLayout | null {
  if (rows.length === 0) return null;
  const all = timeColumns(rows, header);
  // The first columns may be names of tiers that look like times.
  for (let from = 0; from <= Math.min(2, all.length - 1); from++) {
    const columns = all.slice(from);
    const times = nameTimes(columns, rows, header);
    if (times === null) continue;
    if ('found' in times) return times;
    const [first, last] = [columns[0]?.column ?? 0, columns.at(-1)?.column ?? 0];
    return { hasHeader: header !== null, times, ...describeRest(rows, header, first, last) };
  }
  return null;
}

/**
 * The first neighbouring columns that have a time of one format in nearly every row. At least one column comes after
 * them.
 */
function timeColumns(rows: readonly Row[], header: Row | null): TimeColumn[] {
  const isLabelled = header?.some((name) => LABEL.test(name)) === true;
  // Editors cut TABs off at the end of rows with empty annotations: the longest row tells how many columns there are.
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const found: TimeColumn[] = [];
  const end = Math.min((header?.length ?? width) - 1, MAX_COLUMNS);
  for (let column = 0; column < end && found.length < MAX_TIME_COLUMNS; column++) {
    const format = commonFormat(rows, column);
    const isTimes =
      format !== null && (!isLabelled || LABEL.test(header?.[column] ?? '') || format === 'frames');
    if (isTimes) found.push({ column, format });
    else if (found.length > 0) break;
  }
  return found;
}

/** The format that nearly all rows have in a column; null: there is none. */
function commonFormat(rows: readonly Row[], column: number): TimeFormat | null {
  const most = (1 - TIME_SHARE) * rows.length;
  for (const format of TIME_FORMATS) {
    let others = 0;
    for (const row of rows) {
      if (timeFormatOf(row[column] ?? '') !== format) others += 1;
      if (others > most) break;
    }
    if (others <= most) return format;
  }
  return null;
}

/**
 * Decides which columns are begin, end and duration: by their names, otherwise by ELAN's order and the values. Null:
 * not clear.
 */
function nameTimes(
  columns: readonly TimeColumn[],
  rows: readonly Row[],
  header: Row | null,
): Times | UnclearLayout | null {
  const byName = readable(columns.map((one) => [one, kindOf(header?.[one.column] ?? '')]));
  if (byName !== null) return byName;
  const groups: TimeColumn[][] = [];
  let last = TIME_FORMATS.length;
  for (const one of columns) {
    const rank = TIME_FORMATS.indexOf(one.format);
    if (rank <= last) groups.push([]);
    groups.at(-1)?.push(one);
    last = rank;
  }
  const read = groups.map((group) => group.find(({ format }) => format !== 'frames'));
  const times = read.filter((one) => one !== undefined);
  if (times.length === 0) return groups.length > 0 ? { found: 'times in frames only' } : null;
  if (times.length !== groups.length || times.length > 3) return null;
  const values = rows
    .map((row) => times.map(({ column, format }) => readElanTime(row[column] ?? '', format)))
    .filter((row) => row.every((time) => time !== null));
  return kindsByValue(times, values);
}

function kindOf(name: string): TimeKind | null {
  return KIND_WORDS.find(([, words]) => words.test(name))?.[0] ?? null;
}

/** The first column of each kind that can be read; null: not all are named, or none can be read. */
function readable(columns: readonly (readonly [TimeColumn, TimeKind | null])[]): Times | null {
  const kinds: Partial<Record<TimeKind, TimeColumn>> = {};
  for (const [time, kind] of columns) {
    if (kind === null) return null;
    if (time.format !== 'frames') kinds[kind] ??= time;
  }
  return Object.keys(kinds).length === 0 ? null : kinds;
}

function kindsByValue(
  times: readonly TimeColumn[],
  rows: readonly (readonly number[])[],
): Times | UnclearLayout | null {
  const [first, second, third] = times;
  if (first === undefined) return null;
  // A single whole number before a text may be anything.
  if (second === undefined) return first.format === 'msec' ? null : { begin: first };
  if (third !== undefined) {
    const fits = rows.every(([a = 0, b = 0, c = 0]) => Math.abs(a + c - b) <= TOLERANCE_SEC);
    return fits ? { begin: first, end: second, duration: third } : null;
  }
  if (rows.every(([a = 0, b = 0]) => b >= a)) return { begin: first, end: second };
  // A duration is never longer than the time at which it ends.
  if (rows.some(([a = 0, b = 0]) => b > a)) return { begin: first, duration: second };
  return { found: 'two times that may be begin and duration, or end and duration' };
}

function describeRest(
  rows: readonly Row[],
  header: Row | null,
  firstTime: number,
  lastTime: number,
): Pick<Layout, 'tier' | 'annotations' | 'unread'> {
  const after = lastTime + 1;
  if (header === null) {
    const names = firstTime === 0 ? null : 0;
    return { tier: names, annotations: [{ column: after, name: '' }], unread: [] };
  }
  const columns = header
    .map((name, column) => ({ column, name: name.trim() }))
    .slice(after)
    .filter(({ column, name }) => name !== '' && !isFileColumn(rows, column));
  const [only] = columns;
  if (firstTime === 0 || only === undefined) return { tier: null, annotations: columns, unread: [] };
  const tier = header.slice(0, firstTime).findIndex((name) => /tier|speaker|participant/i.test(name));
  const unread = columns.slice(1).map(({ name }) => name);
  return { tier: Math.max(0, tier), annotations: [{ ...only, name: '' }], unread };
}

/** ELAN adds the name and the path of the file to rows of exports of several files. */
function isFileColumn(rows: readonly Row[], column: number): boolean {
  const cells = rows.map((row) => row[column]?.trim() ?? '').filter((cell) => cell !== '');
  return cells.length > 0 && cells.every((cell) => /\.eaf$/i.test(cell));
}
