import type { Generated } from 'kysely';

/** Written by imports alone; part of `Database` in schema.ts. */
export interface ImportedTasksTable {
  old_id: string;
  task: string;
  fence: number | null;
  imported_at: Generated<Date>;
}

export interface ImportedDictionariesTable {
  path: string;
  sha256: string;
  imported_at: Generated<Date>;
}
