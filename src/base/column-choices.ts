import { TaskError } from './errors.ts';

/** What a column of a table may hold. */
export const COLUMN_ROLES = ['file', 'tier', 'speaker', 'begin', 'end', 'duration', 'text'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** A column of tables that a user has chosen, because its name does not say what it is. */
export interface ColumnChoice {
  readonly role: ColumnRole;
  /** Its name in the first row, or its place in each row, from 0. */
  readonly column: string | number;
  /** As the user wrote it. */
  readonly shown: string;
}

/** At most one for each role; none: columns are found by their names. */
export type ColumnChoices = readonly ColumnChoice[];

/** One choice up to a comma or the end: `begin=Start`, `begin=B`, `text="Text, corrected"`. */
const CHOICE = /\s*(\w+)\s*=\s*(?:"((?:[^"]|"")*)"|([^",=]*))\s*(?:,|$)/y;
const LETTERS = /^[A-Z]{1,2}$/;
const NUMBER = /^[1-9]\d{0,3}$/;
const A = 'A'.charCodeAt(0);
const LETTER_COUNT = 26;
const MAX_CHARS = 1000;

/**
 * Reads choices such as `file=A,begin=Start,end=Stop,text=Trans`. A column is its name in the first row, or one or two
 * capital letters or a number from 1, as spreadsheet programs show them. In quotes it is always a name.
 * @param text - from the row of the task or the command line; null: nothing is chosen
 * @throws TaskError E_COLUMNS
 */
export function parseColumnChoices(text: string | null): ColumnChoices {
  if (text === null || text.trim() === '') return [];
  if (text.length > MAX_CHARS) throw malformed(`${text.length} characters`, `at most ${MAX_CHARS}`);
  const choices = new Map<ColumnRole, ColumnChoice>();
  const columns = new Set<string | number>();
  CHOICE.lastIndex = 0;
  while (CHOICE.lastIndex < text.length) {
    const rest = text.slice(CHOICE.lastIndex);
    const match = CHOICE.exec(text);
    const [, name = '', quoted, plain = ''] = match ?? [];
    const role = COLUMN_ROLES.find((one) => one === name.toLowerCase());
    const shown = (quoted?.replaceAll('""', '"') ?? plain).trim();
    if (match === null || role === undefined || shown === '') throw malformed(JSON.stringify(rest));
    const column = quoted === undefined ? placeOf(shown) : shown;
    if (choices.has(role)) throw malformed(`two columns for ${role}`, `one`);
    if (columns.has(column)) throw malformed(`${shown} for two`, `a column for each`);
    choices.set(role, { role, column, shown });
    columns.add(column);
  }
  if (choices.has('end') && choices.has('duration')) throw malformed('end and duration', 'one of them');
  return [...choices.values()];
}

/** The number, from 0, of a column that is given by letters or number; otherwise its name. */
function placeOf(shown: string): string | number {
  if (NUMBER.test(shown)) return Number(shown) - 1;
  if (!LETTERS.test(shown)) return shown;
  return [...shown].reduce((place, letter) => place * LETTER_COUNT + letter.charCodeAt(0) - A + 1, 0) - 1;
}

function malformed(
  found: string,
  expected = `one of ${COLUMN_ROLES.join(', ')}, "=" and a column`,
): TaskError {
  const example = 'such as file=A,begin=Start,end=Stop,text=Trans';
  return new TaskError(
    'E_COLUMNS',
    `the columns of tables: expected ${expected}, found ${found}; write them ${example}`,
  );
}
