import type pg from 'pg';
import { messageOf, TaskError } from '../base/errors.ts';
import { singleConnection } from './connect.ts';
import { describeNoConnection } from './connection-fault.ts';
import { endConnection } from './connection-limits.ts';

const ROWS_AT_A_TIME = 1_000;
const ANSWER_LIMIT_MS = 60_000;
const NAME = /^[a-z_][\w$]*(\.[a-z_][\w$]*)?$/i;

export interface ForeignRow {
  readonly columns: readonly string[];
  /** Values in the text form of Postgres; times in UTC. */
  readonly cells: readonly (string | null)[];
}

/**
 * Reads all rows of a table in another database, in a read-only transaction.
 * @param table - the name, with or without a schema: `tasks` or `old.tasks`
 * @throws TaskError E_USAGE when there is no such table, E_DATABASE when the database cannot be reached
 */
export async function* readForeignTable(url: string, table: string): AsyncGenerator<ForeignRow> {
  if (!NAME.test(table))
    throw new TaskError(
      'E_USAGE',
      `table ${JSON.stringify(table)}: expected a name, such as tasks or old.tasks`,
    );
  const client = await connectTo(url);
  try {
    await client.query('BEGIN TRANSACTION READ ONLY');
    await client.query("SET LOCAL datestyle = 'ISO, YMD'");
    await client.query("SET LOCAL timezone = 'UTC'");
    const quoted = table
      .split('.')
      .map((part) => `"${part}"`)
      .join('.');
    const { rows: found } = await client.query('SELECT to_regclass($1) IS NOT NULL AS "isThere"', [quoted]);
    if (found[0]?.isThere !== true)
      throw new TaskError('E_USAGE', `the database has no table ${table}; name it with --table`);
    await client.query(`DECLARE old NO SCROLL CURSOR FOR SELECT * FROM ${quoted}`);
    while (true) {
      const { rows, fields } = await client.query<(string | null)[]>({
        text: `FETCH ${ROWS_AT_A_TIME} FROM old`,
        rowMode: 'array',
        types: { getTypeParser: () => (text: string) => text },
      });
      const columns = fields.map(({ name }) => name.toLowerCase());
      for (const cells of rows) yield { columns, cells };
      if (rows.length < ROWS_AT_A_TIME) return;
    }
  } finally {
    await endConnection(client);
  }
}

async function connectTo(url: string): Promise<pg.Client> {
  try {
    const client = singleConnection(url, 'autophon import', ANSWER_LIMIT_MS);
    client.on('error', () => undefined);
    await client.connect();
    return client;
  } catch (error) {
    throw new TaskError('E_DATABASE', describeNoConnection(url, error), { cause: messageOf(error) });
  }
}
