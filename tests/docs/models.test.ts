import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { readFile } from './markdown.ts';
import { pythonWith } from './python.ts';

const test = suite('models of docs/examples');
const run = promisify(execFile);
const sqlalchemyModel = readFile('docs/examples/sqlalchemy_model.py');
const djangoModel = readFile('docs/examples/django_model.py');
const SQLALCHEMY_IMPORTS = `
import os
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
`;
const SQLALCHEMY_USE = `
with Session(create_engine(os.environ['DATABASE_URL'])) as session:
    task = Task(user_uuid='ann', lang='engUS_SPHINX_v010', task_path='ann/upl/x', task_status='uploaded')
    session.add(task)
    session.commit()
    print(task.task_id, task.task_status)
    task.cancel_requested = True
    session.commit()
`;
const DJANGO_USE = `
task = Task.objects.create(
    user_uuid='ann', lang='engUS_SPHINX_v010', task_path='ann/upl/x', task_status='uploaded')
task.refresh_from_db()
print(task.task_id, task.task_status)
Task.objects.filter(id=task.id).update(cancel_requested=True)
`;
/** What a column of the database is in either library. */
const TYPES: Record<string, readonly string[]> = {
  bigint: ['BigInteger', 'BigAutoField', 'BigIntegerField'],
  integer: ['Integer', 'IntegerField'],
  text: ['Text', 'TextField'],
  boolean: ['Boolean', 'BooleanField'],
  real: ['Float', 'FloatField'],
  'double precision': ['Float', 'FloatField'],
  jsonb: ['JSONB', 'JSONField'],
  'timestamp with time zone': ['DateTime', 'DateTimeField'],
};
const DJANGO_SET_UP = `
import os
from urllib.parse import urlsplit
import django
from django.conf import settings
url = urlsplit(os.environ['DATABASE_URL'])
settings.configure(USE_TZ=True, DATABASES={'default': {
    'ENGINE': 'django.db.backends.postgresql', 'NAME': url.path[1:], 'USER': url.username,
    'PASSWORD': url.password, 'HOST': url.hostname, 'PORT': url.port}})
django.setup()
`;
// A model outside of an application has to name one.
const djangoProgram = [
  DJANGO_SET_UP,
  djangoModel.replace('class Meta:', "class Meta:\n        app_label = 'tasks'"),
].join('\n');

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
test.before.each(async () => {
  await sql.query('DELETE FROM tasks');
});

for (const [library, model] of [
  ['SQLAlchemy', sqlalchemyModel],
  ['Django', djangoModel],
] as const) {
  test(`the columns of the model for ${library} are those of the database, and of their types`, async () => {
    const { rows } = await sql.query<{ name: string; type: string }>(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name = 'tasks'`,
    );
    const types = new Map(rows.map(({ name, type }) => [name, type]));
    const fields = [...model.matchAll(/^ {4}(\w+) = (?:models\.|filled\(|Column\()(\w+)/gm)];
    assert.ok(fields.length > 20, model);
    for (const [, name = '', type = ''] of fields) {
      assert.ok(TYPES[types.get(name) ?? '']?.includes(type), `${name}: ${type} for ${types.get(name)}`);
    }
  });
}

const withSqlalchemy = await pythonWith('sqlalchemy');
const withDjango = await pythonWith('django');

(withSqlalchemy === null ? test.skip : test)(
  'the model for SQLAlchemy queues a task and cancels it',
  async () => {
    await runPython(withSqlalchemy, [sqlalchemyModel, SQLALCHEMY_IMPORTS, SQLALCHEMY_USE]);
    await assertCancelled();
  },
);

(withDjango === null ? test.skip : test)('the model for Django queues a task and cancels it', async () => {
  await runPython(withDjango, [djangoProgram, DJANGO_USE]);
  await assertCancelled();
});

(withSqlalchemy === null ? test.skip : test)(
  'a row with None in all columns, those of the worker too, is queued by SQLAlchemy',
  async () => {
    const use = `
columns = {column.key: None for column in Task.__table__.columns if column.key != 'id'}
row = {**columns, 'user_uuid': 'ann', 'lang': 'engUS_SPHINX_v010', 'task_path': 'ann/upl/x', 'task_status': 'uploaded'}
with create_engine(os.environ['DATABASE_URL']).begin() as connection:
    connection.execute(Task.__table__.insert(), [row])
`;
    await runPython(withSqlalchemy, [sqlalchemyModel, SQLALCHEMY_IMPORTS, use]);
    await assertQueued();
  },
);

(withDjango === null ? test.skip : test)(
  'an object of Django that is saved whole before a worker begins leaves the task in the queue',
  async () => {
    const use = `
task = Task(user_uuid='ann', lang='engUS_SPHINX_v010', task_path='ann/upl/x', task_status='uploaded')
task.save()
task.trans_choice = 'x'
task.save()
`;
    await runPython(withDjango, [djangoProgram, use]);
    await assertQueued();
  },
);

test.run();

async function assertQueued(): Promise<void> {
  const { rows } = await sql.query(
    `SELECT task_status, progress, warnings, job.state::text AS job
     FROM tasks JOIN pgboss.job ON job.id = tasks.job_id`,
  );
  assert.deepEqual(rows, [{ task_status: 'uploaded', progress: 0, warnings: [], job: 'created' }]);
}

async function assertCancelled(): Promise<void> {
  const { rows } = await sql.query('SELECT user_uuid, task_status, engine, task_path FROM tasks');
  assert.deepEqual(rows, [
    { user_uuid: 'ann', task_status: 'cancelled', engine: 'SPHINX', task_path: 'ann/upl/x' },
  ]);
}

async function runPython(python: string | null, parts: readonly string[]): Promise<void> {
  const url = new URL(database.url);
  // SQLAlchemy knows no other name for it, and from 2.1 on takes psycopg if none is named.
  url.protocol = 'postgresql+psycopg2:';
  await run(python ?? '', ['-c', parts.join('\n')], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url.href },
  });
}
