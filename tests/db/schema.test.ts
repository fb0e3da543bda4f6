import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { suite } from 'uvu';
import { readSchema } from '../../scripts/schema/read.ts';
import { singleConnection } from '../../src/db/connect.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('the schema');
const read = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../..', name), 'utf8');
let database: TestDatabase;
let client: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  client = singleConnection(database.url, 'autophon test');
  await client.connect();
});
test.after(async () => {
  await client.end();
  await database.drop();
});

test('migrations/schema.sql is what "make schema" writes', async () => {
  assert.equal(read('migrations/schema.sql'), await readSchema(client));
});

test('the types of src/db/ have each table, each column, and null where the database allows it', async () => {
  const { rows } = await client.query<{ column: string }>(
    `SELECT format('%s.%s%s', class.relname, attname, CASE WHEN NOT attnotnull THEN ' null' END) AS column
     FROM pg_attribute JOIN pg_class AS class ON class.oid = attrelid
     WHERE class.relnamespace = 'public'::regnamespace AND class.relkind = 'r'
       AND class.relname <> 'schema_migrations' AND attnum > 0 AND NOT attisdropped
     ORDER BY 1`,
  );
  assert.deepEqual(
    columnsOf(
      read('src/db/schema.ts') +
        read('src/db/delivery-tables.ts') +
        read('src/db/import-tables.ts') +
        read('src/db/pause-tables.ts') +
        read('src/db/learned-tables.ts') +
        read('src/db/token-tables.ts'),
    ),
    rows.map(({ column }) => column),
  );
});

/** Columns that the interfaces in the source text name, as `table.column`, with ` null` if they can be null. */
function columnsOf(source: string): string[] {
  const bodies = new Map(
    [...source.matchAll(/^(?:export )?interface (\w+) \{\n(.*?)^\}/gms)].map(([, name = '', body = '']) => [
      name,
      [...body.matchAll(/^ {2}(\w+): (?:ColumnType<(.+?),|(.+?)).*?;$/gm)],
    ]),
  );
  const tables = bodies.get('Database') ?? [];
  return tables
    .flatMap(([line, table]) => {
      const columns = bodies.get(line.slice(line.indexOf(':') + 2, -1)) ?? [];
      return columns.map(([type, column, read]) => {
        const isNullable = /\bnull\b/.test(read ?? type);
        return `${table}.${column}${isNullable ? ' null' : ''}`;
      });
    })
    .sort();
}

test.run();
