import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { RESULT_FORMATS } from '../../src/base/result-kinds.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('formats and channels of a task');
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

const insert = async (formats: string | null): Promise<string | null> => {
  const { rows } = await sql.query(
    `INSERT INTO tasks (user_uuid, lang, task_path, formats) VALUES ('ann', 'engUS_SPHINX_v010', 'ann/upl/x', $1)
     RETURNING formats`,
    [formats],
  );
  return rows[0].formats;
};

test('a row takes each format that the program knows, and no formats', async () => {
  for (const formats of [...RESULT_FORMATS, RESULT_FORMATS.join(','), 'csv, TextGrid', null])
    assert.equal(await insert(formats), formats);
});

test('an unknown name is refused in a new row and in a change, with the known names', async () => {
  const refused = (found: string) => (error: pg.DatabaseError) => {
    assert.deepEqual([error.code, error.constraint, error.table], ['23514', 'formats_known', 'tasks']);
    assert.ok(error.message.includes(`of textgrid, short, csv, `), error.message);
    assert.ok(error.message.endsWith(`; found ${found}`), error.message);
    return true;
  };
  for (const [formats, found] of [
    ['xlsx', "'xlsx'"],
    ['', "''"],
    ['csv,,json', "''"],
    ['csv json', "'csv json'"],
    ['{csv,json}', "'{csv'"],
    ["csv,o'x", "'o''x'"],
  ] as const)
    await assert.rejects(insert(formats), refused(found));
  await insert('csv');
  await assert.rejects(sql.query("UPDATE tasks SET formats = 'pdf'"), refused("'pdf'"));
  await assert.rejects(insert(Array(60).fill('csv').join(',')), {
    constraint: 'formats_have_at_most_200_characters',
  });
});

test('a row accepts the same forms of channels as the program, and no others', async () => {
  const insertChannels = (channels: string | null) =>
    sql.query(
      `INSERT INTO tasks (user_uuid, lang, task_path, channels) VALUES ('ann', 'engUS_SPHINX_v010', 'ann/upl/x', $1)`,
      [channels],
    );
  for (const good of ['mix', 'split', 'split:Anna', 'split:Anna, Ben', 'split:Zo\u00eb,\u7530\u4e2d', null])
    await insertChannels(good);
  for (const bad of [
    '',
    'stereo',
    'mix:a',
    'split:',
    'split:a,',
    'split:a, ,b',
    'split:a\tb',
    `split:${'a'.repeat(500)}`,
  ])
    await assert.rejects(insertChannels(bad), { constraint: 'channels_known' }, bad);
});

test.run();
