import type { Generated } from 'kysely';

/** What operators have paused, see migrations/0020_pauses.sql. */
export interface PausesTable {
  id: Generated<string>;
  engine: string | null;
  instance: string | null;
  is_drain: Generated<boolean>;
  reason: string | null;
  paused_by: Generated<string>;
  paused_at: Generated<Date>;
}
