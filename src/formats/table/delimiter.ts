import type { ColumnChoices } from '../../base/column-choices.ts';
import { TaskError } from '../../base/errors.ts';
import { countNames, findColumns } from './columns.ts';
import { isBlank, textsOf } from './row.ts';
import { splitRows } from './split-rows.ts';

const DELIMITERS = ['\t', ';', ',', '|'] as const;
/** `sep=;`: a first line, before the names of the columns, that tells Excel the delimiter. */
const SEP_LINE = /^"?sep=(\t|[^\s"\w])"?(?:\r\n|\n|\r|$)/i;
/** Added to a score that is certain: more than any number of columns. */
const SURE = 1_000_000;
/** How much of the text is searched for the first row. */
export const HEAD_CHARS = 16 * 1024;

export interface Delimiter {
  readonly delimiter: string;
  /** The text without the line `sep=`. */
  readonly text: string;
  /** Number of its first line in the file. */
  readonly firstLine: number;
}

/**
 * Finds the character between cells: from a line `sep=`, otherwise the one with which most cells of the first row are
 * known.
 */
export function findDelimiter(text: string, file: string, choices: ColumnChoices = []): Delimiter {
  const said = SEP_LINE.exec(text);
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
  /**
   * How many columns can be read: those with known names, or all if the table has no names, or has the chosen columns.
   */
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
      // A wrong delimiter may give a known name by chance, but not times in the right columns.
      const isSure = !found.hasHeader && found.byRole.begin !== undefined;
      return { readable: isSure ? cells + SURE : cells, cells };
    }
  } catch (error) {
    // A quote without a partner is reported when the table is read.
    if (!(error instanceof TaskError)) throw error;
  }
  return { readable: 0, cells: 0 };
}
