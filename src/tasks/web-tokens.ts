import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '../base/role.ts';
import type { Db } from '../db/connect.ts';
import { hasTokens, insertToken, readToken, type TokenRow } from '../db/web-tokens.ts';
import { assertUser } from './given-files.ts';

const TOKEN_BYTES = 32;
/** Marks a token, so that it can be recognised wherever it is found. */
const TOKEN = /^autophon_[A-Za-z0-9_-]{43}$/;

export interface NewToken extends TokenRow {
  /** The token itself. It is stored nowhere. */
  readonly token: string;
}

/** What to do if no user can sign in because there is no token yet; null: there is one. */
export async function firstTokenHint(db: Db): Promise<string | null> {
  if (await hasTokens(db)) return null;
  return 'no token has been made yet, so no user can sign in. On the server, run "autophon token add USER --role operator" for the first one';
}

/** Makes a token for a user. @throws TaskError E_USAGE */
export async function addToken(db: Db, user: string, role: Role): Promise<NewToken> {
  assertUser(user);
  const token = `autophon_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  return { ...(await insertToken(db, hashOf(token), user, role)), token };
}

/**
 * The user of a token; null: it is not valid. The time of the look-up reveals nothing about tokens, since the key is a
 * hash that a client cannot choose.
 */
export async function findTokenOwner(
  db: Db,
  token: string,
): Promise<{ readonly user: string; readonly role: Role } | null> {
  if (!TOKEN.test(token)) return null;
  const found = await readToken(db, hashOf(token));
  return found === undefined ? null : { user: found.user_uuid, role: found.role };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
