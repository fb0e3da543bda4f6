import type { Header } from './column-names.ts';
import type { TimeUnit } from './times.ts';

export interface Column {
  /** In its row, from 0. */
  readonly index: number;
  /** As the file has it; of a table without names: what it is. */
  readonly header: string;
  /** Of times. */
  readonly unit: TimeUnit;
}

/** A column that has a known name, or was chosen. */
export type Named = Column & Header;

/** Faults that keep columns from being found. */
export interface Unclear {
  /** What was expected, what was found, the fix. */
  readonly text: string;
  readonly index?: number;
}
