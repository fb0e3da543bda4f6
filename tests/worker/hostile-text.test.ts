import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import type { Finding } from '../../src/base/finding.ts';
import { limitText, storableJson } from '../../src/base/storable-text.ts';
import { visibleLine } from '../../src/base/visible-text.ts';
import { endAttempt, takeTask } from '../../src/db/attempts.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { noteInstanceAlive, registerInstance } from '../../src/db/instances.ts';
import { readLines } from '../../src/engines/process/lines.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';

const HOSTILE = [
  'NUL \0 here',
  'half \ud800 of a character',
  'bell \x07, turned \u202e around',
  '\\u0000',
  'a'.repeat(2_000_000),
];
const test = suite('extreme text from engines and applications');
let site: Site;
let db: Db;

test.before.each(async () => {
  site = await createSite();
  db = connect({ url: site.url, applicationName: 'autophon test', maxConnections: 2 });
});
test.after.each(async () => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

test('the end of an attempt is written whatever text its error has, cut to the limit of the row', async () => {
  for (const text of HOSTILE) {
    const taskId = await site.addTask('one');
    const { id, job_id } = await site.row(taskId);
    await db.transaction().execute(async (tx) => {
      const task = await takeTask(tx, id, String(job_id), 'x');
      assert.ok(task !== null);
      const isWritten = await endAttempt(tx, task, {
        task_status: 'failed',
        status_note: text,
        error: new TaskError('E_INTERNAL', text),
        warnings: [{ code: 'W_NOT_ALIGNED', text, place: { file: text } }],
        isAttemptUsed: true,
      });
      assert.ok(isWritten);
    });
    const row = await site.row(taskId);
    assert.equal(row.error_message, limitText(visibleLine(text), 1_000_000));
    assert.equal(row['status_note'], limitText(visibleLine(text), 10_000));
    const { warnings, faults } = row as unknown as Record<'warnings' | 'faults', Finding[]>;
    assert.deepEqual(faults, [{ code: 'E_INTERNAL', text: limitText(visibleLine(text), 2_000) }]);
    const [first] = warnings;
    // If the names have no end, a sentence says instead where all of them are.
    if (text.length < 1_000) assert.equal(first?.text, visibleLine(text));
    else assert.match(first?.text ?? '', /^and 1 more: README\.txt/);
  }
});

test('an instance stays visible whatever text its engine writes about itself', async () => {
  const engines = Object.fromEntries(
    HOSTILE.map((note, n) => [`E${n}`, { state: 'sick', version: null, note }] as const),
  );
  await noteInstanceAlive(
    db,
    { id: 'i', host: 'h', pid: 1, version: '1', slots: 1, engines, paused: HOSTILE[0] ?? null },
    0,
  );
  const { rows } = await site.sql.query('SELECT paused FROM active_instances');
  assert.deepEqual(rows, [{ paused: 'NUL \\x00 here' }]);
});

test('an instance whose texts the database refuses still shows signs of life', async () => {
  await site.sql.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.paused = 'bad' THEN RAISE EXCEPTION 'no' USING ERRCODE = '22021'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON instances FOR EACH ROW EXECUTE FUNCTION refuse()`);
  const instance = { id: 'i', host: 'h', pid: 1, version: '1', slots: 1, engines: {}, paused: null };
  await registerInstance(db, instance);
  await site.sql.query("UPDATE instances SET seen_at = now() - interval '1 hour'");
  await assert.rejects(noteInstanceAlive(db, { ...instance, paused: 'bad' }, 3), { code: '22021' });
  const { rows } = await site.sql.query('SELECT busy FROM active_instances');
  assert.deepEqual(rows, [{ busy: 3 }]);
});

test('a text that the database refuses fails its task as an internal error, at once', async () => {
  await site.sql.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.task_status = 'completed' THEN RAISE EXCEPTION 'no' USING ERRCODE = '22021'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION refuse()`);
  const taskId = await site.addTask('one');
  const instance = await startInstance(site);
  try {
    const row = await site.waitFor(taskId, 'failed');
    assert.deepEqual([row.error_code, row.crashes, row.fence], ['E_INTERNAL', 0, 1]);
    assert.match(row.error_message ?? '', /could not be written \(22021\)/);
  } finally {
    await instance.stop();
  }
});

test('text of an application that is too long is refused, with the name of the rule', async () => {
  const taskId = await site.addTask('one');
  await assert.rejects(
    site.sql.query('UPDATE tasks SET status_note = $2 WHERE task_id = $1', [taskId, 'a'.repeat(10_001)]),
    { constraint: 'status_note_has_at_most_10000_characters' },
  );
});

test('the last lines of an engine are visible text, however long a line without end is', () => {
  const lines = readLines(undefined, () => undefined);
  for (let n = 0; n < 100; n++) lines.push(Buffer.alloc(100_000, 'x'), 'stderr');
  lines.push(Buffer.from('\nbad \0header\u202e\n'), 'stderr');
  lines.end();
  assert.deepEqual(
    lines.last().map((line) => line.slice(-20)),
    ['630 more characters)', 'bad \\x00header\\u{202e}'.slice(-20)],
  );
});

test('a cut text says how much is missing; JSON has nothing that jsonb refuses', () => {
  assert.equal(limitText('abc', 3), 'abc');
  const cut = limitText('a'.repeat(1000), 100);
  assert.match(cut, /^a+\.\.\. \(\d+ more characters\)$/);
  assert.ok(cut.length <= 101);
  assert.equal(storableJson({ a: 'x\0y\udc00' }), '{"a":"x\\\\x00y\\\\u{dc00}"}');
});

test.run();
