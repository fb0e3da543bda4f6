import type { BenchServer } from './server.ts';

/** One thing that is measured, with what it is held against. A ratio means more than a time: it travels between machines. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** A peer that does the same job, or the physical floor, measured in the same run. */
  readonly beside?: { readonly name: string; readonly value: number };
  readonly goal?: Goal;
}

/** `share` is printed in percent. */
export type Unit = 'ms' | 's' | 'kB' | 'MB' | 'share' | '1/s' | 'count';

export type Goal =
  | { readonly ratioAtMost: number }
  | { readonly atMost: number }
  | { readonly atLeast: number };

export interface Findings {
  readonly figures: readonly Figure[];
  /** Lines that explain the figures: breakdowns, statements, command lines. */
  readonly notes: readonly string[];
}

export interface BenchContext {
  /** Started at the first call. */
  readonly server: () => Promise<BenchServer>;
  /** Empty, private to this run of the benchmark; removed after. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** How long to look, where a benchmark can be longer; null: as it likes. */
  readonly minutes: number | null;
  /** How many tasks, likewise. */
  readonly count: number | null;
}

export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  /** Takes so long that it runs only when it is named. */
  readonly isLong?: boolean;
  readonly run: (context: BenchContext) => Promise<Findings>;
}

export function ratioOf({ value, beside }: Figure): number | null {
  return beside === undefined || beside.value === 0 ? null : value / beside.value;
}

/** @returns null when there is no goal */
export function isGoalMet(figure: Figure): boolean | null {
  const { goal, value } = figure;
  if (goal === undefined) return null;
  if ('ratioAtMost' in goal) return (ratioOf(figure) ?? Number.POSITIVE_INFINITY) <= goal.ratioAtMost;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}
