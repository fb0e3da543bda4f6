import type { ColumnChoices } from '../../base/column-choices.ts';
import { TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { MalformedLines, quoteFound } from '../malformed.ts';
import type { TableOptions } from '../transcript.ts';
import { type Columns, findColumns } from './columns.ts';
import { RecordingTable } from './recording.ts';
import { isBlank, type Row, textsOf } from './row.ts';
import { RowReader } from './spoken-rows.ts';

const MAX_NAMED = 10;

export interface InterpretOptions extends Pick<TableOptions, 'warn'> {
  /** The fix in the message about cells to which no column belongs. */
  readonly extraFix: string;
  /** Columns that the user has chosen. */
  readonly columns: ColumnChoices;
}

export interface SpokenTable {
  /** In the order of the table. If the table has no column of recordings, there is one. */
  readonly recordings: readonly RecordingTable[];
  /** Whether it has a column of recordings. */
  readonly hasNames: boolean;
}

/**
 * Reads the rows of a table.
 * @param rows - the first may have names of columns; blank rows are passed over. A null lets other work run before the
 *   next row
 * @throws TaskError E_TRANSCRIPT_MALFORMED with up to 100 faults, each with its row (line) and the number of its cell
 *   (column)
 */
export function* interpretRows(
  rows: Iterable<Row | null>,
  file: string,
  { warn, extraFix, columns: choices }: InterpretOptions,
): InPieces<SpokenTable> {
  const faults = new MalformedLines(file);
  const recordings = new Map<string, RecordingTable>();
  let columns: Columns | null = null;
  let reader: RowReader | null = null;
  let recording: RecordingTable | undefined;
  const piece = new Piece();
  for (const row of rows) {
    if (row === null) {
      yield;
      continue;
    }
    if (piece.add(row.cells[row.cells.length - 1] ?? '')) yield;
    if (isBlank(row)) continue;
    if (columns === null || reader === null) {
      columns = columnsOf(row, file, choices);
      reader = new RowReader(columns, faults, extraFix);
      warnUnused(columns, row, file, warn);
      if (columns.hasHeader) continue;
    }
    const said = reader.read(row);
    if (said === null) continue;
    // Most rows have the same recording as the row before.
    if (recording?.recording !== said.recording) {
      recording = recordings.get(said.recording) ?? new RecordingTable(said, file, columns, warn);
      recordings.set(said.recording, recording);
    }
    recording.add(said);
  }
  faults.throwAny();
  const numbers = reader?.numbers() ?? null;
  if (numbers !== null) warn(findingAt('W_TRANSCRIPT_READ', { file, line: numbers.line }, numbers.text));
  if (recordings.size === 0) {
    const found = columns === null ? 'an empty table' : 'no rows below the names of the columns';
    const text = `expected rows with what is said, found ${found}; save the table again`;
    throw new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file } });
  }
  return { recordings: [...recordings.values()], hasNames: columns?.byRole.file !== undefined };
}

function columnsOf(row: Row, file: string, choices: ColumnChoices): Columns {
  const { line } = row;
  const columns = findColumns(textsOf(row), choices);
  if ('byRole' in columns) return columns;
  const place = columns.index === undefined ? { line } : { line, column: columns.index + 1 };
  throw new TaskError('E_TRANSCRIPT_MALFORMED', columns.text, { place: { file, ...place } });
}

function warnUnused(
  { unused, byRole }: Columns,
  { line }: Row,
  file: string,
  warn: TableOptions['warn'],
): void {
  if (unused.length === 0) return;
  const named = nameSome(unused, MAX_NAMED, quoteFound);
  const read = Object.entries(byRole).map(([role, { header }]) => `${quoteFound(header)} (${role})`);
  const text = `columns that are not read: ${named}; columns that are read: ${read.join(', ')}`;
  warn(findingAt('W_TRANSCRIPT_READ', { file, line }, text));
}
