import { findingAt } from '../../base/finding.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { LineReader } from '../line-reader.ts';
import { MalformedLines, quoteFound } from '../malformed.ts';
import type { Interval } from '../tiers.ts';
import type { ReadOptions, Transcript } from '../transcript.ts';
import { findLayout, type Layout, type TimeColumn, type TimeKind } from './layout.ts';
import { readElanTime } from './times.ts';

/** How many rows are used to find the layout. */
const SAMPLE_ROWS = 200;
/** How much text is searched for these rows: a plain text may have no line ends at all. */
const SAMPLE_CHARS = 256 * 1024;
const EXPORT = 'in ELAN, File > Export As > Tab-delimited Text, with begin time and end time';
/** The name of the tier if a table has no names. */
const NO_NAME = 'speaker';

/**
 * Whether a text is a table that ELAN has exported: cells with TABs between, times in nearly every row, annotations
 * after them.
 */
export function isElanTab(text: string): boolean {
  return findLayout(sampleOf(text)) !== null;
}

/**
 * Reads ELAN's "Tab-delimited Text": a row for each annotation, or a column for each tier. An annotation without an end
 * lasts to the next one of its tier, and one without a begin starts at the end of the one before.
 * @param text - decoded, without byte order mark, of which `isElanTab` is true
 * @throws TaskError E_TRANSCRIPT_MALFORMED with up to 100 faults, each with its line and column
 */
export function* readElanTab(
  text: string,
  file: string,
  { audioSec, warn }: Pick<ReadOptions, 'audioSec' | 'warn'>,
): InPieces<Transcript> {
  const faults = new MalformedLines(file);
  const layout = findLayout(sampleOf(text));
  if (layout === null || 'found' in layout || isWithoutPlace(layout)) {
    const found = layout !== null && 'found' in layout ? layout.found : 'none';
    faults.add(
      { line: 1 },
      `expected begin and end of each annotation, found ${found}; export the file again: ${EXPORT}`,
    );
    faults.throwAny();
    return { startSec: 0, endSec: 0, tiers: [] };
  }
  const table = new Table(layout, faults);
  const lines = new LineReader(text);
  const piece = new Piece();
  let isHeader = layout.hasHeader;
  for (let line = lines.next(); line !== null; line = lines.next()) {
    if (piece.add(line)) yield;
    if (isPassedOver(line)) continue;
    if (!isHeader) table.addRow(line.split('\t'), lines.number);
    isHeader = false;
  }
  faults.throwAny();
  for (const told of notes(layout)) warn(findingAt('W_TRANSCRIPT_READ', { file }, told));
  return table.finish(audioSec);
}

type Times = Partial<Record<TimeKind, number>>;

/** An annotation whose start or end may be missing. */
interface Annotation extends Pick<Interval, 'text' | 'line' | 'column'> {
  readonly startSec: number | null;
  readonly endSec: number | null;
}

class Table {
  readonly #layout: Layout;
  readonly #faults: MalformedLines;
  readonly #tiers = new Map<string, Annotation[]>();
  readonly #files = new Set<string>();

  constructor(layout: Layout, faults: MalformedLines) {
    this.#layout = layout;
    this.#faults = faults;
    if (layout.tier === null) for (const { name } of layout.annotations) this.#tierOf(name);
  }

  addRow(cells: readonly string[], line: number): void {
    const { times, tier, annotations } = this.#layout;
    const read: Times = {};
    const starts = startsOf(cells);
    for (const [kind, time] of Object.entries(times) as [TimeKind, TimeColumn][]) {
      const cell = cells[time.column] ?? '';
      const sec = readElanTime(cell, time.format);
      if (sec === null) {
        const text = `expected a time (${time.format}), found ${quoteFound(cell)}; correct it, or export the file again: ${EXPORT}`;
        this.#faults.add({ line, column: columnOf(starts, time.column) }, text);
        return;
      }
      read[kind] = sec;
    }
    const span = spanOf(read);
    for (const { column, name } of annotations) {
      const text = cells[column] ?? '';
      if (this.#layout.hasHeader && tier === null && text === '') continue;
      const place = { line, column: columnOf(starts, column) };
      this.#tierOf(tier === null ? name : (cells[tier] ?? '')).push({ ...span, text, ...place });
    }
    this.#checkRest(cells, starts, line);
  }

  /** Checks the cells after the annotation: only names of files are allowed there. */
  #checkRest(cells: readonly string[], starts: readonly number[], line: number): void {
    const { annotations, hasHeader } = this.#layout;
    for (let column = (annotations.at(-1)?.column ?? 0) + 1; column < cells.length; column++) {
      const cell = cells[column]?.trim() ?? '';
      const place = { line, column: columnOf(starts, column) };
      if (/\.eaf$/i.test(cell)) this.#addFile(cell.split(/[/\\]/).at(-1) ?? '', place);
      else if (cell !== '' && !hasHeader) {
        const text = `expected nothing after the annotation, found ${quoteFound(cell)}; remove TABs from annotations, and export without descriptions of controlled vocabularies`;
        this.#faults.add(place, text);
      }
    }
  }

  #addFile(name: string, place: { line: number; column: number }): void {
    if (this.#files.has(name)) return;
    this.#files.add(name);
    if (this.#files.size === 2)
      this.#faults.add(
        place,
        `expected rows of one file, found another, ${quoteFound(name)}; export each file separately`,
      );
  }

  finish(audioSec: number | null): Transcript {
    const tiers = [...this.#tiers].map(([name, all]) => ({ name, intervals: toIntervals(all, audioSec) }));
    let endSec = audioSec ?? 0;
    for (const { intervals } of tiers) for (const one of intervals) endSec = Math.max(endSec, one.endSec);
    const span = { startSec: 0, endSec };
    return { ...span, tiers: tiers.map((tier) => ({ kind: 'interval', ...tier, ...span })) };
  }

  #tierOf(name: string): Annotation[] {
    const own = name.trim() === '' ? NO_NAME : name.trim();
    const annotations = this.#tiers.get(own) ?? [];
    this.#tiers.set(own, annotations);
    return annotations;
  }
}

function spanOf({ begin, end, duration }: Times): Pick<Annotation, 'startSec' | 'endSec'> {
  const minus = (a: number, b: number) => Math.round((a - b) * 1e6) / 1e6;
  return {
    startSec: begin ?? (end !== undefined && duration !== undefined ? minus(end, duration) : null),
    endSec: end ?? (begin !== undefined && duration !== undefined ? minus(begin, -duration) : null),
  };
}

/** Sorts intervals by time, and adds the starts and ends that the table leaves out. */
function toIntervals(annotations: readonly Annotation[], audioSec: number | null): Interval[] {
  const timeOf = ({ startSec, endSec }: Annotation) => startSec ?? endSec ?? 0;
  const sorted = annotations.toSorted((a, b) => timeOf(a) - timeOf(b));
  return sorted.map((one, index) => {
    const { startSec, endSec, ...rest } = one;
    const start = startSec ?? sorted[index - 1]?.endSec ?? 0;
    return {
      startSec: start,
      endSec: endSec ?? sorted[index + 1]?.startSec ?? Math.max(audioSec ?? start, start),
      ...rest,
    };
  });
}

function isWithoutPlace({ times }: Layout): boolean {
  return times.begin === undefined && times.end === undefined;
}

function notes({ times, unread }: Layout): string[] {
  const told: string[] = [];
  const { begin, end, duration } = times;
  if (duration === undefined && end === undefined)
    told.push('has no end times: each annotation was read as lasting to the next one of its tier');
  if (duration === undefined && begin === undefined)
    told.push('has no begin times: each annotation was read as starting at the end of the one before');
  if (unread.length > 0)
    told.push(`columns that are not read: ${unread.slice(0, 10).map(quoteFound).join(', ')}`);
  return told;
}

/** Rows of annotations from the beginning of a table, the header among them. */
function sampleOf(text: string): string[][] {
  const lines = new LineReader(text.slice(0, SAMPLE_CHARS));
  const rows: string[][] = [];
  const isWhole = text.length <= SAMPLE_CHARS;
  for (let line = lines.next(); line !== null && rows.length < SAMPLE_ROWS; line = lines.next()) {
    // The last line of a part may be cut.
    if (isPassedOver(line) || (!isWhole && lines.peek() === null)) continue;
    rows.push(line.split('\t'));
  }
  return rows;
}

/** Empty lines, lines in which ELAN names media and files, and the frequencies that Audacity writes below a label. */
function isPassedOver(line: string): boolean {
  return line.trim() === '' || line.startsWith('\\\t') || /^"?#[^\t]*$/.test(line);
}

/** The columns of the text, from 1, where the cells of a row begin, and the column after its end. */
function startsOf(cells: readonly string[]): number[] {
  const starts = [1];
  for (const cell of cells) starts.push((starts.at(-1) ?? 1) + cell.length + 1);
  return [...starts.slice(0, -1), (starts.at(-1) ?? 2) - 1];
}

/** The column of the text where a cell begins; for a missing cell, the end of the row. @param starts - see `startsOf` */
function columnOf(starts: readonly number[], cell: number): number {
  return starts[Math.min(cell, starts.length - 1)] ?? 1;
}
