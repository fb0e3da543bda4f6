import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '../base/role.ts';
import type { Db } from '../db/connect.ts';
import { hasTokens, insertToken, readToken, type TokenRow } from '../db/web-tokens.ts';
import { assertUser } from './given-files.ts';

const TOKEN_BYTES = 32;
/** So that a token that is found somewhere can be recognised. */
const TOKEN = /^autophon_[A-Za-z0-9_-]{43}$/;

export interface NewToken extends TokenRow {
  /** What signs in. It is kept nowhere. */
  readonly token: string;
}

/** What to do when no user can sign in, since there is no token yet; null: there is one. */
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
 * Who has a token; null: it is none of ours. How long the look-up takes says nothing of a token, since it is looked up by a
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
