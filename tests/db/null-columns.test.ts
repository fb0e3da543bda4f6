import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { inlineCode, readFile } from '../docs/markdown.ts';

const test = suite('rows with NULL in columns that are not set');
const LEAST = {
  user_uuid: 'ann',
  lang: 'engUS_SPHINX_v010',
  task_path: 'ann/upl/x',
  task_status: 'uploaded',
};
/** Columns whose values differ from row to row. Only whether they have a value is compared. */
const OWN = ['id', 'task_id', 'job_id', 'queued_at', 'created_at', 'updated_at'];
/** Columns that only the application knows: if they are left out or NULL, they are missing. */
const NEEDED = ['user_uuid', 'lang', 'task_path'];

type Row = Record<string, unknown>;
let database: TestDatabase;
let sql: pg.Client;
let columns: string[];

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  const { rows } = await sql.query(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'tasks'",
  );
  columns = rows.map(({ name }) => name);
  assert.ok(columns.includes('task_id') && columns.includes('claim'));
});
test.after(async () => {
  await sql.end();
  await database.drop();
});
test.before.each(async () => {
  await sql.query('BEGIN');
});
test.after.each(async () => {
  await sql.query('ROLLBACK');
});

const insert = async (row: Row): Promise<Row> => {
  const names = Object.keys(row);
  const { rows } = await sql.query(
    `INSERT INTO tasks (${names}) VALUES (${names.map((_, n) => `$${n + 1}`)}) RETURNING *`,
    Object.values(row),
  );
  return rows[0];
};
/** The row, or the code and constraint of the error. */
const attempt = async (action: () => Promise<Row>): Promise<Row> => {
  await sql.query('SAVEPOINT before');
  try {
    return await action();
  } catch (error) {
    const { code, constraint, column } = error as pg.DatabaseError;
    await sql.query('ROLLBACK TO before');
    return { refused: [code, constraint, column] };
  }
};
const without = (row: Row, ...names: string[]): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
const comparable = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, OWN.includes(name) ? typeof value : value]),
  );

test('an INSERT with NULL in a column has the same effect as one without it, for each column of tasks', async () => {
  for (const status of ['uploading', 'uploaded']) {
    for (const column of columns) {
      const least: Row = without({ ...LEAST, task_status: status }, column);
      const leftOut = await attempt(() => insert(least));
      const withNull = await attempt(() => insert({ ...least, [column]: null }));
      assert.deepEqual(comparable(withNull), comparable(leftOut), `${status}, ${column}`);
      const isNeeded = column === 'user_uuid' || (status === 'uploaded' && NEEDED.includes(column));
      assert.equal('refused' in withNull, isNeeded, `${status}, ${column}: ${withNull['refused']}`);
    }
  }
});

test('a row with NULL in all optional columns is queued, with a job and an entry in its history', async () => {
  const nothing = Object.fromEntries(columns.map((column) => [column, null]));
  const leftOut = await insert(LEAST);
  const row = await insert({ ...nothing, ...LEAST });
  assert.deepEqual(comparable(row), comparable(leftOut));
  const { rows } = await sql.query(
    `SELECT (SELECT count(*)::int FROM pgboss.job WHERE id = $1) AS jobs,
            (SELECT count(*)::int FROM task_events WHERE task = $2) AS events`,
    [row['job_id'], row['id']],
  );
  assert.deepEqual(rows, [{ jobs: 1, events: 1 }]);
});

test('the numbers of rows with and without NULL for the id are one sequence', async () => {
  const ids = [];
  for (const id of [{}, { id: null }, {}]) ids.push(Number((await insert({ ...LEAST, ...id }))['id']));
  const [first = 0] = ids;
  assert.deepEqual(ids, [first, first + 1, first + 2]);
});

test('an INSERT ... ON CONFLICT DO UPDATE may cancel a task', async () => {
  const made = await insert(LEAST);
  await sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, cancel_requested)
     VALUES ($1, 'ann', 'engUS_SPHINX_v010', 'ann/upl/x', 'uploaded', true)
     ON CONFLICT (task_id) DO UPDATE SET cancel_requested = EXCLUDED.cancel_requested`,
    [made['task_id']],
  );
  const { rows } = await sql.query('SELECT task_status FROM tasks WHERE task_id = $1', [made['task_id']]);
  assert.equal(rows[0].task_status, 'cancelled');
});

/** In these columns the value of a new row counts, or they have another default. */
const NOT_KEPT =
  'id task_id user_uuid lang engine task_status priority task_path status_note trans_choice partial_results speakers search no_of_files size_bytes created_at formats channels columns name not_before notify_url request_hash traceparent'.split(
    ' ',
  );
const all = (value: unknown, names: string): Row =>
  Object.fromEntries(names.split(' ').map((name) => [name, value]));

test('columns of the worker and the database start with their defaults, whatever a new row says', async () => {
  const other = await insert(LEAST);
  const said: Row = {
    ...all(1, 'fence attempts crashes takeovers progress no_of_tiers words missing_words audio_seconds'),
    ...all(new Date(0), 'queued_at started_at finished_at updated_at inputs_deleted_at removal_started_at'),
    ...all('x', 'claim instance download_path download_name log_path error_code error_message'),
    ...all(true, 'cancel_requested results_tidy'),
    ...all('[{"code": "X"}]', 'faults warnings'),
    ...{ job_id: other['job_id'], stage: 'align', removal_xid: '1' },
  };
  assert.deepEqual(Object.keys(said).sort(), Object.keys(without(other, ...NOT_KEPT)).sort());
  const each = Object.entries(said).map(([column, value]) => ({ [column]: value }));
  for (const row of [said, { warnings: 'null' }, { faults: 'null' }, ...each]) {
    const made = await insert({ ...LEAST, ...row });
    assert.deepEqual(comparable(made), comparable(other), JSON.stringify(row));
    assert.notEqual(made['job_id'], other['job_id']);
    for (const column of ['queued_at', 'updated_at']) assert.deepEqual(made[column], other[column], column);
  }
});

/** Columns that an application may empty. */
const EMPTIED = [
  'engine',
  'status_note',
  'trans_choice',
  'partial_results',
  'channels',
  'formats',
  'columns',
  'name',
  'not_before',
  'notify_url',
  'request_hash',
  'traceparent',
];

test('an UPDATE with NULL clears optional columns and leaves all others unchanged, for each column of tasks', async () => {
  const chosen = {
    partial_results: 'allow',
    channels: 'split',
    formats: 'csv',
    columns: 'text=A',
    name: 'day 1',
    not_before: '2026-03-01T22:00:00Z',
    notify_url: 'https://app.example.org/aligned',
    request_hash: '0'.repeat(64),
    traceparent: 'none',
  };
  const full = { ...LEAST, engine: 'SPHINX', priority: 3, speakers: 'names', ...chosen };
  const row = await insert({ ...full, status_note: 'a note', trans_choice: 'x' });
  for (const column of columns) {
    await sql.query('SAVEPOINT whole');
    const updated = await attempt(() =>
      sql
        .query(`UPDATE tasks SET ${column} = NULL WHERE id = $1 RETURNING *`, [row['id']])
        .then(({ rows }) => rows[0]),
    );
    if (NEEDED.includes(column)) assert.ok('refused' in updated, column);
    else assert.deepEqual(updated, EMPTIED.includes(column) ? { ...row, [column]: null } : row, column);
    await sql.query('ROLLBACK TO whole');
  }
});

test('an UPDATE with NULL in columns of triggers does not stop a task from ending or from being tried again', async () => {
  const { id } = await insert(LEAST);
  const nothing = 'queued_at = NULL, job_id = NULL, finished_at = NULL, updated_at = NULL, warnings = NULL';
  const step = async (change: string) =>
    (await sql.query(`UPDATE tasks SET ${change}, ${nothing} WHERE id = $1 RETURNING *`, [id])).rows[0];
  const cancelled = await step('cancel_requested = true');
  assert.equal(cancelled.task_status, 'cancelled');
  assert.ok(cancelled.finished_at instanceof Date);
  assert.deepEqual((await step('priority = NULL')).finished_at, cancelled.finished_at);
  const again = await step("task_status = 'uploaded'");
  assert.deepEqual([again.finished_at, again.cancel_requested, again.priority], [null, false, 0]);
  assert.notEqual(again.job_id, cancelled.job_id);
});

test('JSON null in warnings counts as NULL', async () => {
  const { id } = await insert(LEAST);
  await sql.query(`UPDATE tasks SET warnings = '[{"code": "W_X"}]' WHERE id = $1`, [id]);
  await sql.query("UPDATE tasks SET warnings = 'null' WHERE id = $1", [id]);
  const { rows } = await sql.query('SELECT warnings FROM tasks WHERE id = $1', [id]);
  assert.deepEqual(rows, [{ warnings: [{ code: 'W_X' }] }]);
});

test('the columns that refuse NULL are those that the page names', async () => {
  const { rows } = await sql.query<{ name: string; relation: string; column: string }>(
    `SELECT table_name || '.' || column_name AS name, table_name AS relation, column_name AS "column"
     FROM information_schema.columns
     WHERE table_schema = 'public' AND (identity_generation = 'ALWAYS' OR is_generated = 'ALWAYS') ORDER BY 1`,
  );
  const [, said = ''] =
    /Some columns of other tables(.*?)are\s`GENERATED/s.exec(readFile('docs/database.md')) ?? [];
  assert.deepEqual(rows.map(({ name }) => name).sort(), inlineCode(said).sort());
  for (const { relation, column } of rows) {
    const refused = await attempt(() =>
      sql.query(`INSERT INTO ${relation} (${column}) VALUES (NULL)`).then(() => ({})),
    );
    assert.deepEqual(refused, { refused: ['428C9', undefined, undefined] }, column);
  }
});

test.run();
