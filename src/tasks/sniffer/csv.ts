import { TaskError } from '../../base/errors.ts';
import { isBlank, textsOf } from '../../formats/table/row.ts';
import { splitRows } from '../../formats/table/split-rows.ts';
import { type Read, sourceFault } from './source.ts';

const DELIMITERS = [',', '\t', ';'] as const;
/** How programs write NULL into a table of text. */
const NULLS: ReadonlySet<string> = new Set(['', 'NULL', '\\N']);

/**
 * The rows of a table of text (CSV or TSV) whose first row names the columns.
 * @throws TaskError E_USAGE when it is no such table
 */
export function* readCsv(text: string, file: string): Generator<Read> {
  const [head = ''] = text.split('\n', 1);
  const counted = DELIMITERS.map((sign) => ({ sign, count: head.split(sign).length }));
  const { sign } = counted.reduce((best, one) => (one.count > best.count ? one : best));
  let columns: readonly string[] | null = null;
  try {
    for (const row of splitRows(text, sign, file)) {
      if (isBlank(row)) continue;
      const cells = textsOf(row);
      if (columns === null) columns = cells.map((cell) => cell.trim().toLowerCase());
      else if (cells.length !== columns.length) {
        yield { line: row.line, text: `expected ${columns.length} cells, found ${cells.length}` };
      } else {
        yield { line: row.line, columns, cells: cells.map((cell) => (NULLS.has(cell) ? null : cell)) };
      }
    }
  } catch (error) {
    // The messages of the table reader speak of a transcript.
    if (!(error instanceof TaskError)) throw error;
    const [{ text: said, place = { file } }] = error.faults;
    throw new TaskError('E_USAGE', said, { place });
  }
  if (columns === null)
    throw sourceFault(file, null, 'expected a first row with the names of the columns, found nothing');
}
