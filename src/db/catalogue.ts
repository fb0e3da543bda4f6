import { sql } from 'kysely';
import { storableJson } from '../base/storable-text.ts';
import type { Db } from './connect.ts';
import { rowName, rowNote } from './row-texts.ts';

/** A row of `engines`, which web applications and operators read. */
export interface EngineRow {
  readonly name: string;
  readonly state: string;
  readonly version: string | null;
  readonly note: string;
}

/** A row of `languages`. A language that is not active cannot be used now. */
export interface LanguageRow {
  readonly code: string;
  readonly engine: string;
  readonly display_name: string;
  readonly alphabet: string;
  readonly is_active: boolean;
}

/** Replaces the contents of the tables `engines` and `languages`. */
export async function writeCatalogue(
  db: Db,
  engines: readonly EngineRow[],
  languages: readonly LanguageRow[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`DELETE FROM engines WHERE name <> ALL(${engines.map(({ name }) => name)})`.execute(tx);
    await sql`DELETE FROM languages WHERE code <> ALL(${languages.map(({ code }) => code)})`.execute(tx);
    await sql`
      INSERT INTO engines (name, state, version, note)
      SELECT name, state, version, note
      FROM jsonb_to_recordset(${storableJson(engines.map(toEngineRow))}::jsonb) AS found (name text, state text, version text, note text)
      ON CONFLICT (name) DO UPDATE
      SET state = excluded.state, version = excluded.version, note = excluded.note, seen_at = now()`.execute(
      tx,
    );
    await sql`
      INSERT INTO languages (code, engine, display_name, alphabet, is_active)
      SELECT code, engine, display_name, alphabet, is_active
      FROM jsonb_to_recordset(${storableJson(languages.map(toLanguageRow))}::jsonb)
           AS found (code text, engine text, display_name text, alphabet text, is_active boolean)
      ON CONFLICT (code) DO UPDATE
      SET engine = excluded.engine, display_name = excluded.display_name, alphabet = excluded.alphabet,
          is_active = excluded.is_active, seen_at = now()`.execute(tx);
  });
}

/** Engines as the last `migrate` or `doctor` found them. */
export function listEngines(db: Db) {
  return db
    .selectFrom('engines')
    .select(['name', 'state', 'version', 'note', 'seen_at'])
    .orderBy('name')
    .execute();
}

/** An engine may print anything as its version, and an operator may write any name of a language: texts are cut to fit. */
function toEngineRow(engine: EngineRow): EngineRow {
  const { version, note } = engine;
  return { ...engine, version: version === null ? null : rowName(version), note: rowNote(note) };
}

function toLanguageRow(language: LanguageRow): LanguageRow {
  return { ...language, display_name: rowName(language.display_name), alphabet: rowName(language.alphabet) };
}
