import type { Db } from '../db/connect.ts';
import type { ListedTask } from '../db/task-list.ts';
import { changeVersion } from '../db/task-version.ts';
import { assertConditions, type Conditions, hasConditions, parseConditions } from './conditions.ts';
import type { TaskCall, WebContext } from './route.ts';
import { rowVersion } from './task-tag.ts';

/** Changes a task; with `If-Match` only if its row has that version. */
export function changing<T>(
  { id }: ListedTask,
  { headers }: TaskCall['request'],
  { db }: WebContext,
  act: (db: Db) => Promise<T>,
): Promise<T> {
  const conditions = parseConditions(headers);
  if (!hasConditions(conditions)) return act(db);
  return changeVersion(db, id, (version) => assertRowConditions(conditions, version), act);
}

/** @throws Refusal 412 when the client does not want to change this version of the row */
export function assertRowConditions({ match, noneMatch }: Conditions, version: string | null): void {
  const versions = (named: Conditions['match']) => (Array.isArray(named) ? named.map(rowVersion) : named);
  assertConditions({ match: versions(match), noneMatch: versions(noneMatch) }, version);
}
