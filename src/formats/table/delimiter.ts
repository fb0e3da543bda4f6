import type { ColumnChoices } from '../../base/column-choices.ts';
import { TaskError } from '../../base/errors.ts';
import { countNames, findColumns } from './columns.ts';
import { isBlank, textsOf } from './row.ts';
import { splitRows } from './split-rows.ts';

const DELIMITERS = ['\t', ';', ',', '|'] as const;
/** Excel's own first line, before the names of the columns. */
const SAID = /^"?sep=(\t|[^\s"\w])"?(?:\r\n|\n|\r|$)/i;
/** More than there are columns. */
const SURE = 1_000_000;
/** The names of columns stand here. */
const HEAD_CHARS = 16 * 1024;

export interface Delimiter {
  readonly delimiter: string;
  /** The text after the line that says it. */
  readonly text: string;
  /** Number of its first line in the file. */
  readonly firstLine: number;
}

/** The character between cells: as the first line says, or the one that makes names of columns of the next. */
export function findDelimiter(text: string, file: string, choices: ColumnChoices = []): Delimiter {
  const said = SAID.exec(text);
  if (said?.[1] !== undefined) return { delimiter: said[1], text: text.slice(said[0].length), firstLine: 2 };
  const head = text.slice(0, HEAD_CHARS);
  const [first, ...others] = /\.tsv$/i.test(file) ? DELIMITERS : [',', ...DELIMITERS];
  const start = { delimiter: first, score: scoreOf(head, first, file, choices) };
  const { delimiter } = others.reduce((best, one) => {
    const score = scoreOf(head, one, file, choices);
    return isMore(score, best.score) ? { delimiter: one, score } : best;
  }, start);
  return { delimiter, text, firstLine: 1 };
}

interface Score {
  /** Columns of the first row that can be read: those with known names, or all if there are times instead or the chosen ones. */
  readonly readable: number;
  readonly cells: number;
}

function isMore(one: Score, other: Score): boolean {
  return one.readable === other.readable ? one.cells > other.cells : one.readable > other.readable;
}

function scoreOf(head: string, delimiter: string, file: string, choices: ColumnChoices): Score {
  try {
    for (const row of splitRows(head, delimiter, file)) {
      if (isBlank(row)) continue;
      const cells = row.cells.length;
      const names = countNames(textsOf(row));
      const found = names === 0 || choices.length > 0 ? findColumns(textsOf(row), choices) : null;
      if (found === null || !('byRole' in found)) return { readable: names, cells };
      // Times where they were chosen are no chance, as names are that a wrong character makes.
      const isSure = !found.hasHeader && found.byRole.begin !== undefined;
      return { readable: isSure ? cells + SURE : cells, cells };
    }
  } catch (error) {
    // A quote without a partner is reported when the table is read.
    if (!(error instanceof TaskError)) throw error;
  }
  return { readable: 0, cells: 0 };
}
