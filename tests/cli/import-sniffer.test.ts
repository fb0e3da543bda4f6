import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import type { Finding } from '../../src/base/finding.ts';
import { makeZip } from '../../testing/make-zip.ts';
import { createSite, type Site, transcript } from '../../testing/site.ts';
import { makeWav } from '../../testing/wav.ts';
import { runCli, runJson } from './run-cli.ts';

const LANG = 'engUS_SPHINX_v010';
const WAV = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) });
const LONG_AGO = '2024-05-31 13:45:00';

interface ImportDocument {
  readonly tasks: readonly { readonly taskId: string; readonly fate: string; readonly files: number }[];
  readonly counts: readonly object[];
  readonly dictionaries: number;
  readonly importedBefore: number;
  readonly deleted: number;
  readonly faults: readonly Finding[];
}

interface Context {
  site: Site;
  /** UPLOADS of the older worker. */
  old: string;
}

const test = suite<Context>('import-sniffer');

test.before.each(async (context) => {
  context.site = await createSite();
  context.old = path.join(context.site.dir, 'old');
});
test.after.each(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

test('tasks of a dump become history, queued tasks and drafts; again adds nothing; undo leaves no trace', async ({
  site,
  old,
}) => {
  await makeInputs(old, 'ann/upl/waits');
  await makeInputs(old, 'ann/upl/running');
  await makeInputs(old, 'ann/upl/half');
  await makeInputs(old, 'bob/upl/clicked', 'Ärger "1"');
  await makeResult(old, 'ann/otp/2024-05-31_13.45.00.123456/2024-05-31_13.45.00.123456.zip');
  await mkdir(path.join(old, 'ann/dic'));
  await writeFile(path.join(old, `ann/dic/${LANG}.dict`), 'tal\tT AE1 L\n');
  const dump = await writeDump(site, [
    row('waits', 'ann', 'UPLOADED', `${LANG} (suggested)`, 'ann/upl/waits'),
    row('running', 'ann', 'PROCESSING', LANG, '/home/old/uploads/ann/upl/running'),
    row('half', 'ann', 'UPLOADING', null, 'ann/upl/half'),
    row('clicked', 'bob', 'ALIGNED', LANG.toUpperCase(), 'bob/upl/clicked'),
    row('2024-05-31_13.45.00.123456', 'ann', 'COMPLETED', LANG, 'ann/upl/x', null, 12),
    row('no-zip', 'ann', 'COMPLETED', LANG, 'ann/upl/no-zip', '/srv/uploads/ann/otp/no-zip/no-zip.zip'),
    row('broke', 'ann', 'FAILED', 'sweSE_MFA1_v010', 'ann/upl/broke'),
    row('stopped', 'ann', 'CANCELLED', LANG, 'ann/upl/stopped'),
    row('gone', 'ann', 'EXPIRED', LANG, 'ann/upl/gone'),
    row('unclicked', 'bob', 'UPLOADED', null, 'bob/upl/clicked'),
  ]);
  const before = await filesBelow(site.uploadsDir);
  const there = await filesBelow(old);
  const argv = ['import-sniffer', dump, '--uploads', old];

  const dry = await runJson<ImportDocument>([...argv, '--dry-run'], site.env);
  assert.deepEqual(dry.document.faults, []);
  assert.equal(dry.exitCode, 0, dry.stderr);
  assert.deepEqual(await filesBelow(site.uploadsDir), before);
  assert.deepEqual((await site.sql.query('SELECT FROM tasks')).rowCount, 0);

  const { exitCode, document, stderr } = await runJson<ImportDocument>(argv, site.env);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(document.faults, []);
  assert.deepEqual(dry.document.tasks, document.tasks);
  assert.deepEqual(await statuses(site), {
    '2024-05-31_13.45.00.123456': 'completed',
    broke: 'failed',
    clicked: 'uploaded',
    gone: 'expired',
    half: 'uploading',
    'no-zip': 'expired',
    running: 'uploaded',
    stopped: 'cancelled',
    unclicked: 'uploading',
    waits: 'uploaded',
  });
  const waits = await site.row('waits');
  assert.equal(waits['lang'], LANG);
  assert.equal((await site.row('clicked'))['lang'], LANG);
  assert.deepEqual(await readdir(path.join(site.uploadsDir, 'bob/upl/clicked')), [
    'Ärger "1".TextGrid',
    'Ärger "1".wav',
  ]);
  const done = await site.row('2024-05-31_13.45.00.123456');
  assert.deepEqual(await readFile(site.zipPath(done)), await readFile(path.join(old, ZIP_OF_DONE)));
  assert.equal(done['words'], 12);
  assert.equal((done['finished_at'] as Date).toISOString(), '2024-05-31T13:45:00.000Z');
  assert.match(
    (await site.row('broke')).error_message ?? '',
    /^it failed in the older worker: no model\\nhere$/,
  );
  const { rows: jobs } = await site.sql.query(
    "SELECT count(*)::int AS waiting FROM pgboss.job WHERE state < 'active'",
  );
  assert.equal(jobs[0].waiting, 3);
  assert.equal(document.dictionaries, 1);
  assert.deepEqual(await filesBelow(old), there);

  const again = await runJson<ImportDocument>(argv, site.env);
  assert.equal(again.exitCode, 0);
  assert.deepEqual(
    [again.document.tasks, again.document.dictionaries, again.document.importedBefore],
    [[], 0, 10],
  );

  const undone = await runJson(['import-sniffer', '--undo'], site.env);
  assert.deepEqual(undone.document, {
    dryRun: false,
    removed: 10,
    kept: [],
    dictionaries: 1,
    keptDictionaries: [],
  });
  await site.sql.query("UPDATE deleted_tasks SET deleted_at = deleted_at - interval '2 minutes'");
  assert.equal((await runCli(['clean'], site.env)).exitCode, 0);
  const left = (await filesBelow(site.uploadsDir)).filter((name) => !name.startsWith('.autophon-'));
  assert.deepEqual(left, before);
  assert.deepEqual((await site.sql.query('SELECT FROM tasks')).rowCount, 0);
  assert.deepEqual((await site.sql.query('SELECT FROM imported_tasks')).rowCount, 0);
  assert.deepEqual(await filesBelow(old), there);
});

test('results that are older than they are kept here are counted', async ({ site, old }) => {
  await makeResult(old, ZIP_OF_DONE);
  const dump = await writeDump(site, [
    row('2024-05-31_13.45.00.123456', 'ann', 'COMPLETED', LANG, 'ann/upl/x'),
    row('gone', 'ann', 'EXPIRED', LANG, 'ann/upl/gone'),
  ]);
  const argv = ['import-sniffer', dump, '--uploads', old, '--dry-run'];
  assert.doesNotMatch((await runCli(argv, site.env)).stderr, /KEEP_RESULTS/);
  const { stderr } = await runCli(argv, { ...site.env, KEEP_RESULTS: '86400' });
  assert.match(
    stderr,
    /^1 result is older than KEEP_RESULTS: workers remove such results soon\. To keep them,/m,
  );
});

test('nobody is told that a task ended in the older worker', async ({ site, old }) => {
  await makeResult(old, ZIP_OF_DONE);
  const dump = await writeDump(site, [
    row('2024-05-31_13.45.00.123456', 'ann', 'COMPLETED', LANG, 'ann/upl/x'),
    row('broke', 'ann', 'FAILED', LANG, 'ann/upl/broke'),
    row('stopped', 'ann', 'CANCELLED', LANG, 'ann/upl/stopped'),
  ]);
  await site.sql.query("INSERT INTO webhooks VALUES ('*', 'https://app.example.org/')");
  const { exitCode, stderr } = await runJson(['import-sniffer', dump, '--uploads', old], site.env);
  assert.equal(exitCode, 0, stderr);
  assert.equal(Object.keys(await statuses(site)).length, 3);
  assert.deepEqual((await site.sql.query('SELECT status FROM deliveries')).rows, []);
});

test('undo keeps tasks that have run or were changed here since the import', async ({ site, old }) => {
  await makeInputs(old, 'ann/upl/one');
  await makeInputs(old, 'ann/upl/two');
  const dump = await writeDump(site, [
    row('one', 'ann', 'UPLOADED', LANG, 'ann/upl/one'),
    row('two', 'ann', 'UPLOADED', LANG, 'ann/upl/two'),
    row('first', 'ann', 'UPLOADED', LANG, 'ann/upl/two'),
    row('sent', 'ann', 'UPLOADING', LANG, 'ann/upl/one'),
    row('queued', 'ann', 'UPLOADING', LANG, 'ann/upl/one'),
    row('2024-05-31_13.45.00.123456', 'ann', 'COMPLETED', LANG, 'ann/upl/x'),
  ]);
  await makeResult(old, ZIP_OF_DONE);
  await runCli(['import-sniffer', dump, '--uploads', old], site.env);
  // As when a file is sent, and when a correction is kept beside a result.
  await site.sql.query("UPDATE tasks SET no_of_files = no_of_files + 1 WHERE task_id = 'sent'");
  await site.sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_id = 'queued'");
  await site.sql.query("UPDATE tasks SET priority = 5 WHERE task_id = 'first'");
  await site.sql.query(`INSERT INTO task_files (task, kind, path, original_name, bytes)
    SELECT id, 'output', 'ann/otp/corrections/a.TextGrid', 'a.TextGrid', 1 FROM tasks WHERE task_status = 'completed'`);
  await site.sql.query(
    "UPDATE tasks SET task_status = 'processing', fence = 1, instance = 'x', started_at = now() WHERE task_id = 'one'",
  );
  const { stderr, stdout } = await runCli(['import-sniffer', '--undo'], site.env);
  assert.match(stdout, /^1 task and 0 dictionaries removed$/m);
  assert.match(stderr, /task one is kept: it has run or was changed here since it was imported/);
  assert.deepEqual(await statuses(site), {
    '2024-05-31_13.45.00.123456': 'completed',
    first: 'uploaded',
    one: 'processing',
    queued: 'uploaded',
    sent: 'uploading',
  });
});

test('each row that cannot be imported is reported with its line, and the others are imported', async ({
  site,
  old,
}) => {
  await makeInputs(old, 'ann/upl/good');
  await makeInputs(old, 'bob/upl/secret');
  await mkdir(path.join(old, 'ann/upl/alone'), { recursive: true });
  await writeFile(path.join(old, 'ann/upl/alone/talk.wav'), WAV);
  await symlink(path.join(old, 'bob/upl/secret'), path.join(old, 'ann/upl/link'));
  await writeFile(path.join(old, 'ann/broken.zip'), 'PK');
  const dump = await writeDump(site, [
    row('good', 'ann', 'UPLOADED', LANG, 'ann/upl/good'),
    row('../evil', 'ann', 'UPLOADED', LANG, 'ann/upl/good'),
    row('strange', 'ann', 'SLEEPING', LANG, 'ann/upl/good'),
    row('stolen', 'ann', 'UPLOADED', LANG, 'bob/upl/secret'),
    row('dotted', 'ann', 'UPLOADED', LANG, 'ann/../bob/upl/secret'),
    row('linked', 'ann', 'UPLOADED', LANG, 'ann/upl/link'),
    row('alone', 'ann', 'UPLOADED', LANG, 'ann/upl/alone'),
    row('empty', 'ann', 'UPLOADED', LANG, 'ann/upl/nothing'),
    row('elsewhere', 'ann', 'UPLOADED', 'sweSE_MFA1_v010', 'ann/upl/good'),
    row('good', 'ann', 'UPLOADED', LANG, 'ann/upl/good'),
    "('short')",
    row('bad-zip', 'ann', 'COMPLETED', LANG, 'ann/upl/good', 'ann/broken.zip'),
  ]);
  const { exitCode, document } = await runJson<ImportDocument>(
    ['import-sniffer', dump, '--uploads', old],
    site.env,
  );
  assert.equal(exitCode, 2);
  assert.deepEqual(await statuses(site), { good: 'uploaded' });
  const said = document.faults.map(
    ({ code, place, text }) => `${code} ${(place?.line ?? 0) - FIRST_LINE} ${text}`,
  );
  const expected = [
    /^E_USAGE 1 task_id: expected up to 100 letters, digits .*found "\.\.\/evil"/,
    /^E_USAGE 2 task strange: task_status: expected one of .*found "SLEEPING"/,
    /^E_PATH_OUTSIDE 3 task stolen: "bob\/upl\/secret": expected a path in the folder of user ann/,
    /^E_PATH_OUTSIDE 4 task dotted/,
    /^E_PATH_OUTSIDE 5 task linked/,
    /^E_TRANSCRIPT_MISSING 6 task alone: talk\.wav/,
    /^E_NO_FILES 7 task empty/,
    /^E_LANGUAGE_UNKNOWN 8 task elsewhere: language "sweSE_MFA1_v010" is not installed here/,
    /^E_USAGE 9 task good: a second row of this id/,
    /^E_USAGE 10 expected 14 values, found 1/,
    /^E_OUTPUT_INVALID 11 task bad-zip: its result .* is no whole zip/,
  ];
  for (const pattern of expected)
    assert.ok(
      said.some((line) => pattern.test(line)),
      `${pattern}\n${said.join('\n')}`,
    );
  assert.equal(said.length, expected.length, said.join('\n'));
  assert.equal((await site.sql.query('SELECT FROM imported_tasks')).rowCount, 1);
});

test('an import that was killed goes on where it was', async ({ site, old }) => {
  await makeInputs(old, 'ann/upl/one');
  const dump = await writeDump(site, [row('one', 'ann', 'UPLOADED', LANG, 'ann/upl/one')]);
  await site.sql.query(`WITH made AS (
      INSERT INTO tasks (task_id, user_uuid, lang, task_path) VALUES ('one', 'ann', '${LANG}', 'ann/upl/one') RETURNING id)
    INSERT INTO imported_tasks (old_id, task) SELECT 'one', id FROM made`);
  await mkdir(path.join(site.uploadsDir, 'ann/upl/one'), { recursive: true });
  await writeFile(path.join(site.uploadsDir, 'ann/upl/one/talk.wav'), 'half');
  const { exitCode, stderr } = await runCli(['import-sniffer', dump, '--uploads', old], site.env);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(await readFile(path.join(site.uploadsDir, 'ann/upl/one/talk.wav')), WAV);
  assert.deepEqual(await statuses(site), { one: 'uploaded' });
});

test('a result is copied before rows are locked, and then moved to its place', async ({ site, old }) => {
  await makeResult(old, 'ann/otp/done/done.zip');
  const dump = await writeDump(site, [row('done', 'ann', 'COMPLETED', LANG, 'ann/upl/done')]);
  const { rows } = await site.sql.query<{ task: string }>(`WITH made AS (
      INSERT INTO tasks (task_id, user_uuid, lang, task_path) VALUES ('done', 'ann', '${LANG}', 'ann/upl/done') RETURNING id)
    INSERT INTO imported_tasks (old_id, task) SELECT 'done', id FROM made RETURNING task`);
  const holder = await site.sql.connect();
  await holder.query("BEGIN; SELECT FROM tasks WHERE task_id = 'done' FOR UPDATE");
  const importing = runCli(['import-sniffer', dump, '--uploads', old], site.env);
  const copied = path.join(site.uploadsDir, `ann/otp/done/${rows[0]?.task}.0/done.zip`);
  await site.until('the copy', () => existsSync(copied));
  await holder.query('COMMIT');
  holder.release();
  const { exitCode, stderr } = await importing;
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(
    await readFile(site.zipPath(await site.row('done'))),
    await readFile(path.join(old, 'ann/otp/done/done.zip')),
  );
  assert.equal(existsSync(copied), false);
});

test('files that are here already are not touched, and their task is not imported', async ({ site, old }) => {
  await makeInputs(old, 'ann/upl/one');
  await mkdir(path.join(site.uploadsDir, 'ann/upl/one'), { recursive: true });
  const own = path.join(site.uploadsDir, 'ann/upl/one/mine.wav');
  await writeFile(own, 'mine');
  const dump = await writeDump(site, [row('one', 'ann', 'UPLOADED', LANG, 'ann/upl/one')]);
  for (const more of [['--dry-run'], []]) {
    const { exitCode, stderr } = await runCli(['import-sniffer', dump, '--uploads', old, ...more], site.env);
    assert.equal(exitCode, 2);
    assert.match(stderr, /E_CONFLICT .*line \d+: task one: UPLOADS has files in ann\/upl\/one already/);
  }
  assert.equal(await readFile(own, 'utf8'), 'mine');
  assert.deepEqual(await statuses(site), {});
  await rm(own);
  const { exitCode, stderr } = await runCli(['import-sniffer', dump, '--uploads', old], site.env);
  assert.equal(exitCode, 0, stderr);
});

test('with --drafts unfinished tasks wait for their users', async ({ site, old }) => {
  await makeInputs(old, 'ann/upl/one');
  const dump = await writeDump(site, [row('one', 'ann', 'UPLOADED', 'sweSE_MFA1_v010', 'ann/upl/one')]);
  const { stdout } = await runCli(['import-sniffer', dump, '--uploads', old, '--drafts'], site.env);
  assert.match(
    stdout,
    /^there +tasks +here +what is done +files +size\nUPLOADED +1 +uploading +files copied, kept as a draft +2 /,
  );
  assert.deepEqual(await statuses(site), { one: 'uploading' });
});

test('a CSV file and another Postgres are read, with other columns in another order', async ({
  site,
  old,
}) => {
  await makeInputs(old, 'ann/upl/one');
  await makeInputs(old, 'ann/upl/two');
  const csv = path.join(site.dir, 'tasks.csv');
  await writeFile(
    csv,
    `status,"user",id,created\n"TaskStatus.UPLOADED",ann,one,2024-05-31T13:45:00+02:00\nx\n`,
  );
  const failed = await runJson<ImportDocument>(
    ['import-sniffer', csv, '--uploads', old, '--drafts'],
    site.env,
  );
  assert.deepEqual(
    [failed.exitCode, failed.document.faults.map(({ text }) => text)],
    [2, ['expected 4 cells, found 1']],
  );
  assert.equal(((await site.row('one'))['created_at'] as Date).toISOString(), '2024-05-31T11:45:00.000Z');

  await site.sql.query('CREATE SCHEMA "old"');
  await site.sql.query(`CREATE TABLE "old".tasks AS SELECT 'two' AS task_id, 'ann' AS user_uuid, 'uploaded' AS task_status,
    '${LANG}' AS lang, 'ann/upl/two' AS task_path, timestamp '2024-05-31 13:45:00' AS created_at`);
  const argv = ['import-sniffer', site.url, '--uploads', old];
  const own = await runCli(argv, site.env);
  assert.deepEqual([own.exitCode, /table of Autophon's own/.test(own.stderr)], [2, true], own.stderr);
  const { exitCode, stderr } = await runCli([...argv, '--table', 'old.tasks'], site.env);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(await statuses(site), { one: 'uploading', two: 'uploaded' });
});

test.run();

/** They leave nothing behind. */
const refusals = suite<Context>('what import-sniffer refuses');

refusals.before(async (context) => {
  context.site = await createSite();
  context.old = path.join(context.site.dir, 'old');
});
refusals.after(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

for (const [what, source, said] of [
  ['no file', 'nowhere.sql', /nowhere\.sql: no such file/],
  [
    'a dump without the table',
    'other.sql',
    /expected rows of the table tasks \(INSERT INTO\), found rows of users/,
  ],
  ['a dump that was cut off', 'cut.sql', /line 2: the dump ends in the middle of a statement/],
  [
    'a table without its columns',
    'columns.csv',
    /expected the columns user_uuid or user_id.*, and task_status or status/,
  ],
  ['a compressed dump', 'dump.sql.gz', /it is compressed; run gunzip on it first/],
] as const) {
  refusals(`${what} is refused with the fix`, async ({ site, old }) => {
    await mkdir(old, { recursive: true });
    const files = {
      'other.sql': '-- dump\nINSERT INTO `users` VALUES (1);\n',
      'cut.sql': "-- dump\nINSERT INTO `tasks` VALUES (1,'on",
      'columns.csv': 'task_id,lang\n1,x\n',
      'dump.sql.gz': Buffer.from([0x1f, 0x8b, 8, 0]),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(site.dir, name), content);
    const { exitCode, stderr } = await runCli(
      ['import-sniffer', path.join(site.dir, source), '--uploads', old],
      site.env,
    );
    assert.equal(exitCode, 2);
    assert.match(stderr, said);
  });
}

refusals("the older worker's folder cannot be the site's own", async ({ site }) => {
  const dump = await writeDump(site, [row('one', 'ann', 'UPLOADED', LANG, 'ann/upl/one')]);
  const { exitCode, stderr } = await runCli(['import-sniffer', dump, '--uploads', site.uploadsDir], site.env);
  assert.equal(exitCode, 2);
  assert.match(stderr, /lie in each other; expected a folder of its own for this site/);
});

refusals.run();

const ZIP_OF_DONE = 'ann/otp/2024-05-31_13.45.00.123456/2024-05-31_13.45.00.123456.zip';

/** Line of the first row in the output of `writeDump`. */
const FIRST_LINE = 24;

async function writeDump(site: Site, rows: readonly string[]): Promise<string> {
  const file = path.join(site.dir, 'tasks.sql');
  const text = `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS \`tasks\`;
CREATE TABLE \`tasks\` (
  \`id\` int NOT NULL AUTO_INCREMENT,
  \`task_id\` varchar(100) NOT NULL,
  \`user_uuid\` varchar(6) DEFAULT NULL,
  \`task_status\` enum('PENDING','PROCESSING','UPLOADED','UPLOADING','COMPLETED') DEFAULT NULL,
  \`lang\` varchar(100) DEFAULT NULL,
  \`task_path\` varchar(500) DEFAULT NULL,
  \`download_path\` varchar(500) DEFAULT NULL,
  \`size\` decimal(10,1) DEFAULT NULL,
  \`words\` int DEFAULT NULL,
  \`error_msg\` text,
  \`deleted\` varchar(255) DEFAULT NULL,
  \`anonymous\` tinyint(1) DEFAULT '0',
  \`created_at\` datetime NOT NULL,
  \`updated_at\` datetime DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`task_id\` (\`task_id\`)
) ENGINE=InnoDB AUTO_INCREMENT=8 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
INSERT INTO \`users\` VALUES (1,'a;b'),(2,'it''s (');
INSERT INTO \`tasks\` VALUES
${rows.join(',\n')};
`;
  await writeFile(file, text);
  return file;
}

let number = 0;

function row(
  taskId: string,
  user: string,
  status: string,
  lang: string | null,
  taskPath: string,
  downloadPath: string | null = null,
  words: number | null = null,
): string {
  const text = (value: string | null) => (value === null ? 'NULL' : `'${value.replaceAll("'", "\\'")}'`);
  const values = [taskId, user, status, lang, taskPath, downloadPath].map(text);
  number++;
  return `(${[number, ...values, '1.5', words ?? 'NULL', "'no model\\nhere'", 'NULL', 0].join(',')},'${LONG_AGO}','${LONG_AGO}')`;
}

async function makeInputs(root: string, folder: string, stem = 'talk'): Promise<void> {
  await mkdir(path.join(root, folder), { recursive: true });
  await writeFile(path.join(root, folder, `${stem}.wav`), WAV);
  await writeFile(path.join(root, folder, `${stem}.TextGrid`), transcript('tal'));
}

async function makeResult(root: string, relative: string): Promise<void> {
  await mkdir(path.join(root, path.dirname(relative)), { recursive: true });
  await writeFile(path.join(root, relative), makeZip({ 'talk.TextGrid': transcript('tal') }));
}

async function statuses(site: Site): Promise<Record<string, string>> {
  const { rows } = await site.sql.query(
    'SELECT task_id, task_status FROM tasks ORDER BY task_id COLLATE "C"',
  );
  return Object.fromEntries(rows.map(({ task_id, task_status }) => [task_id, task_status]));
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}
