import { sql } from 'kysely';
import type { Role } from '../base/role.ts';
import type { Db } from './connect.ts';

/** A token for the page and the API, without its secret and hash. */
export interface TokenRow {
  readonly id: string;
  readonly user_uuid: string;
  readonly role: Role;
  readonly created_at: Date;
  /** Day (UTC) of its last use, such as `2026-03-01`; null: never used. */
  readonly used_on: string | null;
}

const TOKEN_COLUMNS = [
  'id',
  'user_uuid',
  'role',
  'created_at',
  sql<string | null>`used_on::text`.as('used_on'),
] as const;
const TODAY = sql<string>`(now() AT TIME ZONE 'UTC')::date`;

/** @param hash - SHA-256 of the token */
export function insertToken(db: Db, hash: Buffer, user: string, role: Role): Promise<TokenRow> {
  return db
    .insertInto('web_tokens')
    .values({ hash, user_uuid: user, role })
    .returning(TOKEN_COLUMNS)
    .executeTakeFirstOrThrow();
}

/**
 * Finds a token. Its first use on a day writes this day to the row.
 * @param hash - SHA-256 of the token
 */
export async function readToken(db: Db, hash: Buffer): Promise<TokenRow | undefined> {
  const found = await db
    .selectFrom('web_tokens')
    .select(TOKEN_COLUMNS)
    .select(sql<boolean>`used_on IS NOT DISTINCT FROM ${TODAY}`.as('is_noted'))
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (found?.is_noted === false) {
    await db.updateTable('web_tokens').set({ used_on: TODAY }).where('id', '=', found.id).execute();
  }
  return found;
}

export function listTokens(db: Db): Promise<TokenRow[]> {
  return db.selectFrom('web_tokens').select(TOKEN_COLUMNS).orderBy('user_uuid').orderBy('id').execute();
}

export async function hasTokens(db: Db): Promise<boolean> {
  return (await db.selectFrom('web_tokens').select('id').limit(1).executeTakeFirst()) !== undefined;
}

/** @returns the ids of the tokens that were deleted */
export async function deleteTokens(db: Db, ids: readonly string[]): Promise<string[]> {
  const deleted = await db
    .deleteFrom('web_tokens')
    .where('id', 'in', [...ids])
    .returning('id')
    .execute();
  return deleted.map(({ id }) => id);
}
