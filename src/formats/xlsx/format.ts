import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import type { InPieces } from '../../base/pieces.ts';
import { quoteFound } from '../malformed.ts';
import { findColumns } from '../table/columns.ts';
import { interpretRows, type SpokenTable } from '../table/interpret.ts';
import { type Row, textsOf } from '../table/row.ts';
import { tableFormat } from '../table/table-format.ts';
import type { TableOptions } from '../transcript.ts';
import { readNumberKinds } from './number-formats.ts';
import { Parts } from './parts.ts';
import { type CellContext, readSheet, type SheetRows } from './sheet.ts';
import { readStrings } from './strings.ts';
import { readWorkbook, type Sheet } from './workbook.ts';

/** The first bytes of a zip archive. */
const ZIP = 'PK\x03\x04';
/** The first bytes of .xls files and of workbooks with a password. */
const OLE = '\xd0\xcf\x11\xe0';
const EXTRA_FIX = 'name its column in the first row, or delete the cell';
const SAVE_AS = 'save the table as .xlsx or .csv';
/** How many sheets or rows a message lists. */
const MAX_NAMED = 10;

/** Workbooks (.xlsx) of Excel and other spreadsheet programs: the visible sheet that has a table of what is said. */
export const XLSX = tableFormat(readAny);

function* readAny(bytes: Uint8Array, file: string, options: TableOptions): InPieces<SpokenTable> {
  refuseOthers(bytes, file);
  const parts = new Parts(bytes, file);
  const { sheets, strings, styles, isFrom1904 } = yield* readWorkbook(parts);
  const kinds = yield* readNumberKinds(parts, styles);
  const context = { strings: yield* readStrings(parts, strings), kinds, isFrom1904 };
  const { rows, hiddenLines } = yield* openOnlyTable(parts, sheets, context, file, options);
  const table = yield* interpretRows(rows, file, {
    warn: options.warn,
    columns: options.columns ?? [],
    extraFix: EXTRA_FIX,
  });
  if (hiddenLines.length > 0) {
    const named = `${hiddenLines.slice(0, MAX_NAMED).join(', ')}${hiddenLines.length > MAX_NAMED ? ', ...' : ''}`;
    const text = `hidden rows are read too: ${named}; delete them if they do not belong to the table`;
    options.warn(findingAt('W_TRANSCRIPT_READ', { file, line: hiddenLines[0] ?? 1 }, text));
  }
  return table;
}

function refuseOthers(bytes: Uint8Array, file: string): void {
  const refuse = (found: string, fix: string): never => {
    const text = `expected a workbook (.xlsx), found ${found}; ${fix}`;
    throw new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file } });
  };
  const extension = path.extname(file).toLowerCase();
  if (extension !== '.xlsx') refuse(`a file of another kind (${extension})`, SAVE_AS);
  const head = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (head === OLE)
    refuse('a workbook with a password, or an old one (.xls)', `remove the password, and ${SAVE_AS}`);
  if (head !== ZIP)
    refuse('a file that is not a zip archive', `${SAVE_AS}; if it is text, rename it to .csv`);
}

interface OpenSheet {
  readonly sheet: Sheet;
  readonly first: Row;
  /** The rows after the first. */
  readonly others: SheetRows;
  /** Numbers of the hidden rows that have been read. */
  readonly hiddenLines: number[];
}

/** The rows of a sheet, and the numbers of the hidden ones that have been read. */
type OpenTable = { readonly rows: SheetRows; readonly hiddenLines: readonly number[] };

/**
 * Opens the only visible sheet that has the columns of a table; if there is none, the first visible sheet that is not
 * empty.
 * @throws TaskError E_TRANSCRIPT_MALFORMED when several have such columns, or all are empty
 */
function* openOnlyTable(
  parts: Parts,
  sheets: readonly Sheet[],
  context: CellContext,
  file: string,
  { warn, columns }: Pick<TableOptions, 'warn' | 'columns'>,
): InPieces<OpenTable> {
  const open: OpenSheet[] = [];
  for (const sheet of sheets.filter(({ isHidden }) => !isHidden)) {
    const hiddenLines: number[] = [];
    const others = readSheet(parts, sheet.part, context, hiddenLines);
    const first = yield* firstOf(others);
    if (first !== null) open.push({ sheet, first, others, hiddenLines });
  }
  const fitting = open.filter(({ first }) => 'byRole' in findColumns(textsOf(first), columns));
  const [chosen = open[0], other] = fitting;
  const nameAll = (named: readonly Sheet[]) =>
    nameSome(named, MAX_NAMED, ({ name, isHidden }) => `${quoteFound(name)}${isHidden ? ' (hidden)' : ''}`);
  if (chosen === undefined)
    throw parts.malformed('expected a visible sheet with a table, found none; show or fill it');
  if (other !== undefined) {
    const named = nameAll(fitting.map(({ sheet }) => sheet));
    throw parts.malformed(`expected one sheet with a table, found ${named}; hide or delete all but one`);
  }
  const unread = sheets.filter(
    (one) => one !== chosen.sheet && (one.isHidden || open.some(({ sheet }) => sheet === one)),
  );
  if (unread.length > 0) {
    const text = `only the sheet ${quoteFound(chosen.sheet.name)} is read; not read: ${nameAll(unread)}`;
    warn(findingAt('W_TRANSCRIPT_READ', { file }, text));
  }
  return { rows: withFirst(chosen), hiddenLines: chosen.hiddenLines };
}

/** The first row of a sheet; null: the sheet is empty. */
function* firstOf(rows: SheetRows): InPieces<Row | null> {
  for (let next = rows.next(); next.done !== true; next = rows.next()) {
    if (next.value !== null) return next.value;
    yield;
  }
  return null;
}

function* withFirst({ first, others }: OpenSheet): SheetRows {
  yield first;
  yield* others;
}
