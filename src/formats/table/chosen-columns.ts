import type { ColumnChoices } from '../../base/column-choices.ts';
import { inputKindOf } from '../../base/input-kinds.ts';
import { nameSome } from '../../base/name-some.ts';
import { quoteFound } from '../malformed.ts';
import type { Named, Unclear } from './column.ts';
import type { HeaderRole } from './column-names.ts';
import { readTime, splitUnit } from './times.ts';

const MAX_NAMED = 10;

/** Finds the columns that the user has chosen. @param cells - the first row @returns them, or why one is not clear */
export function findChosen(cells: readonly string[], choices: ColumnChoices): readonly Named[] | Unclear {
  const chosen: Named[] = [];
  for (const { role, column, shown } of choices) {
    const found = typeof column === 'number' ? atPlace(cells, column) : withName(cells, column);
    const [index, other] = found;
    if (index === undefined) {
      const named = nameSome(cells, MAX_NAMED, quoteFound);
      const text = `expected the column that was chosen for ${role}, ${quoteFound(shown)}, found ${named}; correct the choice or the table`;
      return { text };
    }
    if (other !== undefined || chosen.some((one) => one.index === index)) {
      const text =
        other === undefined
          ? `expected a column for ${role} alone, found ${quoteFound(shown)} chosen for two`
          : `expected one column called ${quoteFound(shown)}, which was chosen for ${role}, found several; choose it by its letter`;
      return { text, index };
    }
    const header = (cells[index] ?? '').trim();
    chosen.push({ role, rank: 0, name: role, index, header, unit: splitUnit(header.toLowerCase()).unit });
  }
  return chosen;
}

/**
 * Whether the first row has names of columns, and not yet content, if the user has chosen columns.
 * @param knownCount - how many of its cells are known names
 */
export function hasNames(
  cells: readonly string[],
  chosen: readonly Named[],
  choices: ColumnChoices,
  knownCount: number,
): boolean {
  if (choices.some(({ column }) => typeof column === 'string')) return true;
  const cellOf = (role: HeaderRole) => {
    const index = chosen.find((one) => one.role === role)?.index;
    return index === undefined ? undefined : (cells[index] ?? '').trim();
  };
  const begin = cellOf('begin');
  if (begin !== undefined) return readTime(begin, 'plain') === null;
  const file = cellOf('file');
  return file === undefined ? knownCount > 0 : inputKindOf(file) !== 'audio';
}

function atPlace(cells: readonly string[], index: number): number[] {
  return index < cells.length ? [index] : [];
}

/** The columns with a name or, if there are none, with this name and a unit. */
function withName(cells: readonly string[], name: string): number[] {
  const same = (nameOf: (cell: string) => string) =>
    cells.flatMap((cell, index) => (plain(nameOf(cell)) === plain(name) ? [index] : []));
  const exact = same((cell) => cell);
  return exact.length > 0 ? exact : same((cell) => splitUnit(cell.trim().toLowerCase()).name);
}

function plain(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
}
