import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import type { Finding } from '../../src/base/finding.ts';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';

const test = suite('one instance');
let site: Site;
let instance: Instance;

test.before(async () => {
  site = await createSite();
  instance = await startInstance(site);
});
test.after(async () => {
  await instance.stop();
  await site[Symbol.asyncDispose]();
});

test('a row written by any program becomes a zip, and the row says where', async () => {
  const taskId = await site.addTask('one two three', { fileCount: 2 });
  const row = await site.waitFor(taskId, 'completed');
  assert.match(
    row.download_path ?? '',
    new RegExp(`^ann/otp/${taskId}/${row.id}\\.1-[0-9a-f]{8}/${taskId}\\.zip$`),
  );
  assert.equal(row['download_name'], `talk1-and-1-more-${row.id}.zip`);
  site.zipPath(row);
  assert.deepEqual(
    [
      row['no_of_files'],
      row['no_of_tiers'],
      row['words'],
      row['missing_words'],
      row['audio_seconds'],
      row['progress'],
    ],
    [2, 2, 6, 0, 2, 1],
  );
});

test('on success the audio is deleted with a receipt and the transcript stays', async () => {
  const taskId = await site.addTask('one');
  const row = await site.waitFor(taskId, 'completed');
  const receipts = async () => {
    const { rows } = await site.sql.query(
      'SELECT kind, original_name, sha256, deleted_at FROM task_files WHERE task = $1 ORDER BY kind',
      [row.id],
    );
    return rows;
  };
  await site.until('the receipt', async () => Boolean((await receipts())[0]?.deleted_at));
  const [audio, output, transcript] = await receipts();
  assert.deepEqual([audio.kind, audio.original_name, audio.sha256.length], ['audio', 'talk1.wav', 64]);
  assert.deepEqual([output.kind, output.deleted_at], ['output', null]);
  assert.deepEqual([transcript.kind, transcript.deleted_at], ['transcript', null]);
  assert.deepEqual(await readdir(path.join(site.uploadsDir, String(row['task_path']))), ['talk1.TextGrid']);
});

test('no workspace is left after success or failure', async () => {
  await site.waitFor(await site.addTask('one'), 'completed');
  await site.waitFor(await site.addTask('fail'), 'failed');
  await site.until('the workspaces to be gone', async () => (await site.workspaces()).length === 0);
});

test('bad input fails at once, with a code and all faults, and the inputs stay', async () => {
  const bad = await site.addTask('');
  const row = await site.waitFor(bad, 'failed');
  assert.equal(row.error_code, 'E_TRANSCRIPT_NO_WORDS');
  assert.match(row.error_message ?? '', /^talk1\.TextGrid: no interval with words; expected/);
  assert.equal(row.attempts, 1);
  const inputs = await readdir(path.join(site.uploadsDir, String(row['task_path'])));
  assert.deepEqual(inputs.sort(), ['talk1.TextGrid', 'talk1.wav']);
});

test('after a passing fault the task is tried again and succeeds', async () => {
  const row = await site.waitFor(await site.addTask('flaky one'), 'completed', 'failed');
  assert.deepEqual([row.task_status, row.attempts, row.fence, row.error_code], ['completed', 2, 2, null]);
});

test('a lasting fault of the engine fails the task after three attempts', async () => {
  const row = await site.waitFor(await site.addTask('fail'), 'failed');
  assert.deepEqual([row.attempts, row.error_code], [3, 'E_ENGINE_FAILED']);
});

test('an interval that the engine loses is reported by file, tier and time; the rest is delivered', async () => {
  const taskId = await site.addTask('one', { fileCount: 2 });
  const row = await site.waitFor(taskId, 'completed');
  assert.deepEqual(row['warnings'], []);
  const lost = await site.waitFor(await site.addTask('lose one'), 'failed');
  assert.equal(lost.error_code, 'E_NOT_ALIGNED');
  assert.match(lost.error_message ?? '', /^talk1\.wav: TRIVIAL could not align its only interval\./);
});

test('a task that failed for one empty recording is delivered without it when its user says so', async () => {
  const taskId = 'partial';
  const taskPath = await site.addFiles('ann', taskId, 'one', 2);
  const other = await site.addFiles('ann', 'other', 'lose one');
  await copyFile(
    path.join(site.uploadsDir, other, 'talk1.TextGrid'),
    path.join(site.uploadsDir, taskPath, 'talk2.TextGrid'),
  );
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', $2, $3, 'uploaded')`,
    [taskId, TRIVIAL_LANGUAGE, taskPath],
  );
  const failed = await site.waitFor(taskId, 'failed', 'completed');
  assert.deepEqual([failed.task_status, failed.error_code], ['failed', 'E_NOT_ALIGNED']);
  assert.match(failed.error_message ?? '', /^talk2\.wav: .* try again with --partial\.$/);
  await site.sql.query(
    "UPDATE tasks SET task_status = 'uploaded', partial_results = 'allow' WHERE task_id = $1",
    [taskId],
  );
  const row = await site.waitFor(taskId, 'failed', 'completed');
  assert.equal(row.task_status, 'completed');
  const manifest = JSON.parse((await readZip(site.zipPath(row))).get('manifest.json') ?? '');
  assert.deepEqual(manifest.settings, {
    unknownWords: 'warn',
    partialResults: 'allow',
    speakers: 'tiers',
    search: 'usual',
    cuts: 'auto',
    formats: ['textgrid', 'csv'],
    channels: 'mix',
  });
});

/** Queues a task whose row names formats. */
async function addTaskWith(taskId: string, formats: string): Promise<void> {
  const taskPath = await site.addFiles('ann', taskId, 'one');
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, formats)
     VALUES ($1, 'ann', $2, $3, 'uploaded', $4)`,
    [taskId, TRIVIAL_LANGUAGE, taskPath, formats],
  );
}

test('a task has its result in the formats that its row names', async () => {
  await addTaskWith('formats', ' JSON, csv');
  const row = await site.waitFor('formats', 'completed', 'failed');
  assert.equal(row.error_message, null);
  assert.deepEqual(
    [...(await readZip(site.zipPath(row))).keys()],
    ['README.txt', 'manifest.json', 'phones.csv', 'ARPAbet/talk1.json', 'IPA/talk1.json'],
  );
});

test('a table is read by the columns that the row of its task names', async () => {
  const taskPath = await site.addFiles('ann', 'columns', 'one');
  const stem = path.join(site.uploadsDir, taskPath, 'talk1');
  await rm(`${stem}.TextGrid`);
  await writeFile(`${stem}.csv`, 'Anfang;Schluss;Wortlaut\n0;0,5;two\n');
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, columns)
     VALUES ('columns', 'ann', $1, $2, 'uploaded', 'begin=A,end=Schluss,text=C')`,
    [TRIVIAL_LANGUAGE, taskPath],
  );
  const row = await site.waitFor('columns', 'completed', 'failed');
  assert.deepEqual([row.error_message, row['words']], [null, 1]);
});

test('a format that only a later version of the program knows fails the task, and the error names the known ones', async () => {
  await site.sql.query('ALTER TABLE tasks DISABLE TRIGGER refuse_unknown_formats');
  await addTaskWith('later', 'csv,hologram');
  const row = await site.waitFor('later', 'completed', 'failed');
  await site.sql.query('ALTER TABLE tasks ENABLE TRIGGER refuse_unknown_formats');
  assert.equal(row.error_code, 'E_FORMAT_UNKNOWN');
  assert.match(row.error_message ?? '', /found "hologram"\. Known: textgrid, short, csv/);
});

test('a row has the first thousand warnings and says where all of them are', async () => {
  const taskPath = await site.addFiles('ann', 'many', 'one');
  const stem = path.join(site.uploadsDir, taskPath, 'talk1');
  const tier = (name: string, intervals: { startSec: number; endSec: number; text: string }[]) => ({
    kind: 'interval' as const,
    name,
    startSec: 0,
    endSec: 60,
    intervals,
  });
  // Ten that are too short are named, the others are counted, and the tier is kept as it is: twelve warnings.
  const short = Array.from({ length: 13 }, (_, n) => ({
    startSec: n / 20,
    endSec: n === 12 ? 60 : (n + 1) / 20,
    text: n === 12 ? '' : 'one',
  }));
  const tiers = Array.from({ length: 100 }, (_, n) => tier(`ann-${n}`, short));
  tiers.push(tier('ben', [{ startSec: 0, endSec: 60, text: 'two' }]));
  await writeFile(`${stem}.TextGrid`, writeTextGrid({ startSec: 0, endSec: 60, tiers }));
  await writeFile(`${stem}.wav`, makeWav({ sampleRateHz: 16_000, samples: new Float64Array(60 * 16_000) }));
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ('many', 'ann', $1, $2, 'uploaded')`,
    [TRIVIAL_LANGUAGE, taskPath],
  );
  const row = await site.waitFor('many', 'completed', 'failed');
  const warnings = row['warnings'] as Finding[];
  assert.equal(warnings.length, 1001);
  assert.deepEqual(warnings.at(-1), {
    code: 'W_INTERVAL_SHORT',
    text: 'and 200 more: README.txt and manifest.json in the result have all',
  });
  const manifest = JSON.parse((await readZip(site.zipPath(row))).get('manifest.json') ?? '');
  assert.equal(manifest.warnings.length, 1200);
});

test('an unknown word is marked, counted and reported with its place', async () => {
  const row = await site.waitFor(await site.addTask('one xyzzy'), 'completed');
  assert.equal(row['missing_words'], 1);
  const [warning] = row['warnings'] as Finding[];
  assert.deepEqual(
    [warning?.code, warning?.place?.file, warning?.place?.interval],
    ['W_WORD_UNKNOWN', 'talk1.TextGrid', 2],
  );
});

test('history names every status and stage of the task', async () => {
  const text = 'wait one two';
  const taskId = await site.addTask(text);
  // Stages that follow each other faster than the database writes are written as one.
  await site.until('the stage to be written', async () => (await site.row(taskId)).stage === 'align');
  await site.letGo(text);
  const row = await site.waitFor(taskId, 'completed');
  await site.until('the cleanup to end', async () => (await site.row(row.task_id)).stage === null);
  const { rows: events } = await site.sql.query(
    'SELECT to_status, stage, fence FROM task_events WHERE task = $1 ORDER BY id',
    [row.id],
  );
  assert.deepEqual(
    events.map(({ to_status, stage, fence }) => `${to_status} ${stage} ${fence}`),
    [
      'uploaded null 0',
      'processing prepare 1',
      'processing align 1',
      'processing package 1',
      'completed cleanup 1',
      'completed cleanup 1',
    ],
  );
  const { rows: stages } = await site.sql.query(
    'SELECT stage, outcome, seconds FROM task_stages WHERE task = $1 ORDER BY started_at',
    [row.id],
  );
  assert.deepEqual(
    stages.map(({ stage, outcome }) => `${stage} ${outcome}`),
    ['prepare done', 'align done', 'package done', 'cleanup done'],
  );
  assert.ok(stages.every(({ seconds }) => seconds >= 0));
});

test('cancelling a running task kills its engine and leaves the inputs', async () => {
  const taskId = await site.addTask('hang');
  const { pid } = await instance.event('engine.started', (event) => event['taskId'] === taskId);
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
  await instance.event('task.lost', (event) => event['taskId'] === taskId);
  assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
  const row = await site.row(taskId);
  assert.equal(row.task_status, 'cancelled');
  assert.equal(row.download_path, null);
  const inputs = await readdir(path.join(site.uploadsDir, String(row['task_path'])));
  assert.equal(inputs.length, 2);
});

test('a task begins when its time has come, and not before', async () => {
  const taskPath = await site.addFiles('ann', 'timed', 'one');
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, not_before)
     VALUES ('timed', 'ann', $1, $2, 'uploaded', now() + interval '1500 ms')`,
    [TRIVIAL_LANGUAGE, taskPath],
  );
  const row = await site.waitFor('timed', 'completed');
  assert.ok((row['started_at'] as Date) >= (row['not_before'] as Date), JSON.stringify(row));
});

test('a lost notification is replaced by polling', async () => {
  const taskPath = await site.addFiles('ann', 'unheard', 'two');
  const client = await site.sql.connect();
  try {
    await client.query('BEGIN');
    // The same rows that the triggers make, without the NOTIFY.
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(
      `INSERT INTO tasks (task_id, user_uuid, lang, engine, task_path, task_status, job_id, queued_at)
       VALUES ('unheard', 'ann', 'engUS_TRIVIAL_v010', 'TRIVIAL', $1, 'uploaded', gen_random_uuid(), now())`,
      [taskPath],
    );
    await client.query(
      `INSERT INTO pgboss.job (id, name, data, group_id, heartbeat_seconds)
       SELECT job_id, 'align', jsonb_build_object('id', id), engine, 40 FROM tasks WHERE task_id = 'unheard'`,
    );
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  await site.waitFor('unheard', 'completed');
});

test('a claim that failed is tried again soon, whatever the poll interval, and is logged once', async () => {
  const patient = await startInstance(site, {
    ALIGNMENT_WORKERS: '1',
    MIN_POLL_INTERVAL: '900',
    MAX_POLL_INTERVAL: '900',
  });
  try {
    await instance.stop();
    await site.sql.query(`
      CREATE SEQUENCE refusals;
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF nextval('refusals') <= 2 THEN RAISE EXCEPTION 'not now'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER refuse_claim BEFORE UPDATE ON tasks FOR EACH ROW
        WHEN (NEW.task_status = 'processing' AND OLD.task_status = 'uploaded') EXECUTE FUNCTION refuse()`);
    const taskId = await site.addTask('one');
    await site.waitFor(taskId, 'completed');
    await patient.event('claims.work_again');
    assert.equal(patient.events.filter(({ event }) => event === 'claims.failed').length, 1);
  } finally {
    await site.sql.query('DROP FUNCTION refuse CASCADE; DROP SEQUENCE refusals');
    await patient.stop();
    instance = await startInstance(site);
  }
});

test('a path that leads out of the uploads folder fails the task', async () => {
  const taskId = await site.addTask('one');
  await site.waitFor(taskId, 'completed');
  for (const taskPath of ['ann/../../etc', '/etc', 'ben/upl/x', 'ann/upl/none']) {
    const { rows } = await site.sql.query(
      `INSERT INTO tasks (user_uuid, lang, task_path, task_status)
       VALUES ('ann', 'engUS_TRIVIAL_v010', $1, 'uploaded') RETURNING task_id`,
      [taskPath],
    );
    const row = await site.waitFor(rows[0].task_id, 'failed');
    assert.equal(row.error_code, taskPath.endsWith('none') ? 'E_NO_FILES' : 'E_PATH_OUTSIDE', taskPath);
  }
});

test('a place for results that is a link fails the task before its engine runs, and nothing is written there', async () => {
  const theirs = path.join(site.dir, 'theirs');
  await mkdir(theirs);
  await mkdir(path.join(site.uploadsDir, 'eve'));
  await symlink(theirs, path.join(site.uploadsDir, 'eve/otp'));
  const taskId = await site.addTask('one', { user: 'eve' });
  const row = await site.waitFor(taskId, 'failed', 'completed');
  assert.deepEqual([row.error_code, await readdir(theirs)], ['E_PATH_OUTSIDE', []]);
  assert.equal(
    instance.events.some(({ event, taskId: of }) => event === 'engine.started' && of === taskId),
    false,
  );
});

test('an unknown language or engine fails the task, and the known ones are named', async () => {
  const taskPath = await site.addFiles('ann', 'somewhere', 'one');
  const fail = async (lang: string, engine: string | null) => {
    const { rows } = await site.sql.query(
      `INSERT INTO tasks (user_uuid, lang, engine, task_path, task_status) VALUES ('ann', $1, $2, $3, 'uploaded') RETURNING task_id`,
      [lang, engine, taskPath],
    );
    return site.waitFor(rows[0].task_id, 'failed');
  };
  const lang = await fail('engUS_TRIVIAL_v01', null);
  assert.equal(lang.error_code, 'E_LANGUAGE_UNKNOWN');
  assert.match(lang.error_message ?? '', /did you mean "engUS_TRIVIAL_v010"\?/);
  assert.equal((await fail('engUS_TRIVIAL_v010', 'NONE')).error_code, 'E_ENGINE_UNKNOWN');
});

test.run();
