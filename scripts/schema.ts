/** Writes migrations/schema.sql again, from a database on which all migrations have run. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { singleConnection } from '../src/db/connect.ts';
import { createTestDatabase } from '../testing/database.ts';
import { readSchema } from './schema/read.ts';

const database = await createTestDatabase();
const client = singleConnection(database.url, 'autophon schema');
try {
  await client.connect();
  await writeFile(path.resolve(import.meta.dirname, '../migrations/schema.sql'), await readSchema(client));
} finally {
  await client.end();
  await database.drop();
}
