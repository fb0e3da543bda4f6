import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** One figure of the whole site: `deliveries_late`, or one of the function `site_figures()`. */
export interface SiteFigure {
  readonly figure: string;
  /** The status, engine or state that is counted; empty: the figure has no label. */
  readonly label: string;
  readonly value: number;
}

/** Asks for nothing but an answer. */
export async function askForAnswer(db: Db): Promise<void> {
  await sql`SELECT 1`.execute(db);
}

/** All figures that monitoring needs, in one statement. */
export async function readSiteFigures(db: Db): Promise<readonly SiteFigure[]> {
  const { rows } = await sql<SiteFigure>`
    SELECT figure, label, value FROM site_figures()
    UNION ALL SELECT 'deliveries_late', '', count(*)::double precision FROM late_deliveries`.execute(db);
  return rows;
}
