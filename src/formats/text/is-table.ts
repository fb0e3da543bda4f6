import type { ColumnChoices } from '../../base/column-choices.ts';
import { TaskError } from '../../base/errors.ts';
import { findColumns } from '../table/columns.ts';
import { findDelimiter, HEAD_CHARS } from '../table/delimiter.ts';
import { isBlank, textsOf } from '../table/row.ts';
import { splitRows } from '../table/split-rows.ts';
import { readTime } from '../table/times.ts';

/** ELAN's names of columns. */
const OF_ELAN = /-\s+(?:hh:mm:ss\.ms|ss\.msec|msec)$/i;
/** ELAN writes no quotes around cells, so Excel or R wrote a table with quotes. */
const QUOTED = /^\s*"/;
const DOUBLED = /\t"[^\t\r\n]*""[^\t\r\n]*"(?:[\t\r\n]|$)/;

/**
 * Whether a `.txt` is a table with times, as Excel saves "Text (Tab delimited)" and "Unicode Text". False for ELAN's
 * own exports: `readElanTab` knows more of their forms.
 * @param text - decoded, without byte order mark
 */
export function isTable(text: string, file: string, choices: ColumnChoices): boolean {
  const head = text.slice(0, HEAD_CHARS);
  const found = findDelimiter(head, file, choices);
  // Any first row has places, also that of a plain text beside the table which they were chosen for.
  const hasPlaces = choices.some(({ column }) => typeof column === 'number');
  let beginAt: number | null = null;
  try {
    for (const row of splitRows(found.text, found.delimiter, file)) {
      if (isBlank(row)) continue;
      const cells = textsOf(row);
      if (beginAt !== null) return readTime((cells[beginAt] ?? '').trim(), 'plain') !== null;
      const columns = findColumns(cells, choices);
      if (!('byRole' in columns)) return false;
      const { begin, end, duration, text: said } = columns.byRole;
      if (begin === undefined || (end ?? duration) === undefined || said === undefined) return false;
      const maybeElan = !columns.hasHeader || cells.some((cell) => OF_ELAN.test(cell.trim()));
      if (maybeElan && !QUOTED.test(head) && !DOUBLED.test(head)) return false;
      if (!hasPlaces || !columns.hasHeader) return true;
      beginAt = begin.index;
    }
  } catch (error) {
    // A quote without a partner: this is plain text, and not a table.
    if (!(error instanceof TaskError)) throw error;
  }
  return false;
}
