import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { AUDIO_EXTENSIONS, TRANSCRIPT_EXTENSIONS } from '../../src/base/input-kinds.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { codeBlocks, inlineCode, listPages, plain, readFile, tableRows } from './markdown.ts';

const test = suite('pages about the database');
const page = readFile('docs/database.md');
let database: TestDatabase;
let sql: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
});
test.after(async () => {
  await sql.end();
  await database.drop();
});

const firstColumn = async (query: string): Promise<string[]> => {
  const { rows } = await sql.query<string[]>({ text: query, rowMode: 'array' });
  return rows.map(([value = '']) => value).sort();
};
const documented = (...headings: string[]) =>
  tableRows(page, ...headings)
    .map(([name]) => plain(name))
    .sort();

test('each column of tasks has a line', async () => {
  const columns = await firstColumn(
    "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'tasks'",
  );
  assert.deepEqual(documented('column', 'who', 'meaning'), columns);
});

test('each table other than tasks has a line, and each view', async () => {
  const relations = (kind: string) =>
    firstColumn(`SELECT table_name::text FROM information_schema.tables
      WHERE table_schema = 'public' AND table_type = '${kind}' AND table_name <> 'tasks'`);
  assert.deepEqual(documented('table', 'a row for each'), await relations('BASE TABLE'));
  assert.deepEqual(documented('view', 'shows'), await relations('VIEW'));
});

test('each rule that is listed exists', async () => {
  const constraints = await firstColumn(`SELECT conname::text FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u') AND conrelid <> 0`);
  const raised = await firstColumn(`SELECT DISTINCT found[1] FROM pg_proc,
    regexp_matches(prosrc, 'CONSTRAINT = ''(\\w+)''', 'g') AS found WHERE pronamespace = 'public'::regnamespace`);
  assert.ok(constraints.includes('failed_has_reason') && raised.includes('status_edge_allowed'));
  const listed = tableRows(page, 'rule', 'what it asks').flatMap(([names = '']) => inlineCode(names));
  assert.ok(listed.length > 10);
  for (const name of listed) assert.ok([...constraints, ...raised].includes(name), name);
});

test('each extension of recordings and transcripts is listed, and no other', () => {
  const listed = tableRows(page, '', 'extensions').flatMap(([, extensions = '']) => inlineCode(extensions));
  assert.deepEqual(listed.sort(), [...AUDIO_EXTENSIONS, ...TRANSCRIPT_EXTENSIONS].sort());
});

for (const name of listPages()) {
  const blocks = codeBlocks(readFile(name), 'sql');
  if (blocks.length === 0) continue;
  test(`the SQL in ${name} runs as it is, from the top down`, async () => {
    await sql.query('BEGIN');
    try {
      for (const block of blocks) {
        await sql.query(block).catch((error: Error) => assert.fail(`${error.message}\n${block}`));
      }
    } finally {
      await sql.query('ROLLBACK');
    }
  });
}

test('the first task of the page is waiting for a worker at its end', async () => {
  await sql.query('BEGIN');
  try {
    for (const block of codeBlocks(page, 'sql')) await sql.query(block);
    const { rows } = await sql.query("SELECT task_status, engine FROM tasks WHERE task_id = 'interview-7'");
    assert.deepEqual(rows, [{ task_status: 'uploaded', engine: 'SPHINX' }]);
    assert.deepEqual(await firstColumn('SELECT ready::text FROM queue_depth'), ['1']);
  } finally {
    await sql.query('ROLLBACK');
  }
});

test('a role with rights on tasks alone can queue, cancel and retry, and reads nothing in pgboss', async () => {
  await sql.query('BEGIN');
  try {
    for (const block of codeBlocks(page, 'sql')) await sql.query(block);
    await sql.query('CREATE ROLE web_application');
    await sql.query('GRANT SELECT, INSERT, UPDATE ON tasks TO web_application');
    await sql.query('SET LOCAL ROLE web_application');
    await sql.query(
      "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ('t', 'ann', 'engUS_SPHINX_v010', 'ann/upl/t', 'uploaded')",
    );
    await sql.query("UPDATE tasks SET cancel_requested = true WHERE task_id = 't'");
    await sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_id = 't'");
    await assert.rejects(sql.query('SELECT FROM pgboss.job'), /permission denied/);
  } finally {
    await sql.query('ROLLBACK');
  }
});

test.run();
