import type { Generated } from 'kysely';
import type { Role } from '../base/role.ts';

/** Tokens for the page and the API. Only their hashes are stored. */
export interface WebTokensTable {
  id: Generated<string>;
  hash: Buffer;
  user_uuid: string;
  role: Role;
  created_at: Generated<Date>;
  used_on: string | null;
}
