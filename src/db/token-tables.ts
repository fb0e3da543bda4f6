import type { Generated } from 'kysely';
import type { Role } from '../base/role.ts';

/** Tokens of the page and the API; of each only a hash is kept. */
export interface WebTokensTable {
  id: Generated<string>;
  hash: Buffer;
  user_uuid: string;
  role: Role;
  created_at: Generated<Date>;
  used_on: string | null;
}
