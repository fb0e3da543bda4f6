import type { Header } from './column-names.ts';
import type { TimeUnit } from './times.ts';

export interface Column {
  /** Its place in the row, from 0. */
  readonly index: number;
  /** Its name in the file; in a table without names: its role. */
  readonly header: string;
  /** The unit, if the column has times. */
  readonly unit: TimeUnit;
}

/** A column that has a known name, or was chosen. */
export type Named = Column & Header;

/** A fault because of which the columns cannot be found. */
export interface Unclear {
  /** What was expected, what was found, and the fix. */
  readonly text: string;
  /** The column, from 0. Left out: the fault belongs to no single column. */
  readonly index?: number;
}
