import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** One figure of the whole site: those of `site_figures()` in migrations/0018_site_figures.sql, and `deliveries_late`. */
export interface SiteFigure {
  readonly figure: string;
  /** A status, an engine or a state; empty: the figure has none. */
  readonly label: string;
  readonly value: number;
}

/** What monitoring asks of the database, in one statement. */
export async function readSiteFigures(db: Db): Promise<readonly SiteFigure[]> {
  const { rows } = await sql<SiteFigure>`
    SELECT figure, label, value FROM site_figures()
    UNION ALL SELECT 'deliveries_late', '', count(*)::double precision FROM late_deliveries`.execute(db);
  return rows;
}
