import type { Generated } from 'kysely';

/** The tasks that `import-sniffer` has added. `old_id`: their id in the older worker's table. */
export interface ImportedTasksTable {
  old_id: string;
  task: string;
  fence: number | null;
  imported_at: Generated<Date>;
}

/** The user dictionaries that `import-sniffer` has copied. */
export interface ImportedDictionariesTable {
  path: string;
  sha256: string;
  imported_at: Generated<Date>;
}
