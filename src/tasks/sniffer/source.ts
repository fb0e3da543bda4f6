import { TaskError } from '../../base/errors.ts';

/** A row of the older worker's table, as its source has it. */
export interface SourceRow {
  /** Line of the file where the row begins; of a database: number of the row. From 1. */
  readonly line: number;
  /** The same array for all rows that have the same columns. */
  readonly columns: readonly string[];
  /** As many values as columns; null: NULL. */
  readonly cells: readonly (string | null)[];
}

/** A row that could not be read. */
export interface UnreadableRow {
  readonly line: number;
  readonly text: string;
}

export type Read = SourceRow | UnreadableRow;

/** Makes the error for a source that cannot be used. */
export function sourceFault(file: string, line: number | null, text: string): TaskError {
  return new TaskError('E_USAGE', text, { place: line === null ? { file } : { file, line } });
}

export function isUnreadable(row: Read): row is UnreadableRow {
  return 'text' in row;
}
