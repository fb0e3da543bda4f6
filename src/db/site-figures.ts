import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** One figure of the whole site, as `site_figures()` names it in migrations/0018_site_figures.sql. */
export interface SiteFigure {
  readonly figure: string;
  /** A status, an engine or a state; empty: the figure has none. */
  readonly label: string;
  readonly value: number;
}

/** What monitoring asks of the database, in one statement. */
export async function readSiteFigures(db: Db): Promise<readonly SiteFigure[]> {
  const { rows } = await sql<SiteFigure>`SELECT figure, label, value FROM site_figures()`.execute(db);
  return rows;
}
