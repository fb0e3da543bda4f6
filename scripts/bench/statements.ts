import type { LoggedStatement } from './server.ts';

/** A kind of statement and how often it was sent. */
export interface StatementCount {
  readonly text: string;
  readonly count: number;
}

const MAX_CHARS = 90;
/** Kinds that are sent less often than this are listed together. */
const MIN_SHARE = 0.02;

/** Statements of the connections of one program, the most frequent first. */
export function countStatements(
  statements: readonly LoggedStatement[],
  applicationPrefix: string,
): StatementCount[] {
  const kinds = Map.groupBy(
    statements.filter(({ application }) => application.startsWith(applicationPrefix)),
    ({ text }) => text.replace(/'[^']*'/g, "'...'").toLowerCase(),
  );
  return [...kinds].map(([text, all]) => ({ text, count: all.length })).sort((a, b) => b.count - a.count);
}

export function sumOf(counts: readonly StatementCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

/**
 * Lines such as ` 2.00  update "tasks" set ...`. @param per - the number of tasks or seconds in which they were sent
 */
export function listStatements(counts: readonly StatementCount[], per: number): string[] {
  const line = (count: number, text: string) => `${(count / per).toFixed(2).padStart(6)}  ${text}`;
  const total = sumOf(counts);
  const rare = counts.filter(({ count }) => count / total < MIN_SHARE);
  const frequent = counts.filter(({ count }) => count / total >= MIN_SHARE);
  const named = frequent.map(({ text, count }) =>
    line(count, text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}...` : text),
  );
  return rare.length === 0
    ? named
    : [...named, line(sumOf(rare), `${rare.length} other statements, such as those of the maintenance`)];
}
