import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { removeOutdated } from '../../src/upkeep/retention.ts';
import { scanResults } from '../../src/upkeep/scan-results.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site, transcript } from '../../testing/site.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import { startWeb, type Web } from '../../testing/web.ts';

interface Context {
  site: Site;
  web: Web;
  id: string;
}
const test = suite<Context>('corrections beside a result');

test.before(async (context) => {
  const site = await createSite();
  const web = await startWeb(site);
  const worker = await startInstance(site);
  Object.assign(context, { site, web, id: await align(site) });
  await worker.stop();
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

async function align(site: Site): Promise<string> {
  const id = await site.addTask('one two');
  await site.waitFor(id, 'completed', 'failed');
  return id;
}
const at = (id: string, name = '') => `/api/v1/tasks/${id}/corrections${name}`;
const ONE = '/talk1%20mine.TextGrid';
const put = ({ web, id }: Context, name: string, body: string | Buffer, headers = {}) =>
  web.call('PUT', at(id, name), body, headers);
const list = async ({ web, id }: Context) => (await web.call('GET', at(id))).json.corrections;
async function folderOf({ site, id }: Context): Promise<string> {
  const { download_path } = await site.row(id);
  return path.join(site.uploadsDir, path.dirname(download_path ?? ''), 'corrections');
}
/** Files in it, in folders too, sorted. */
async function filesOf(context: Context): Promise<string[]> {
  const entries = readdirSync(await folderOf(context), { recursive: true, withFileTypes: true });
  const dir = await folderOf(context);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}
/** Waits until a session of the page's server waits for a lock. @returns its process */
async function waitingFor(site: Site, lock: string): Promise<string> {
  let pid = '';
  await site.until(`a session to wait for a lock of ${lock}`, async () => {
    const { rows } = await site.sql.query(
      `SELECT pid FROM pg_stat_activity
       WHERE application_name = 'autophon web test' AND wait_event_type = 'Lock' AND wait_event = $1`,
      [lock],
    );
    pid = rows[0]?.pid ?? '';
    return rows.length === 1;
  });
  return pid;
}

test('a TextGrid is kept as it was sent, listed, and given back; the result stays as it is', async (context) => {
  const { web, id } = context;
  const result = async () => (await web.call('GET', `/api/v1/tasks/${id}/result`)).bytes;
  const before = await result();
  // As Praat writes it if there are other letters than ASCII.
  const sent = Buffer.from(`\ufeff${transcript('eins zwölf')}`, 'utf16le');
  const kept = await put(context, ONE, sent);
  assert.equal(kept.status, 201, kept.bytes.toString());
  assert.deepEqual(await list(context), [kept.json]);
  assert.deepEqual([kept.json.name, kept.json.bytes], ['talk1 mine.TextGrid', sent.length]);
  const got = await web.call('GET', at(id, ONE));
  assert.deepEqual(got.bytes, sent);
  assert.match(got.headers.get('content-disposition') ?? '', /^attachment; filename="talk1 mine\.TextGrid"/);
  const etag = got.headers.get('etag') ?? '';
  assert.deepEqual([etag, kept.headers.get('etag')], [kept.json.etag, kept.json.etag]);
  assert.equal((await web.call('GET', at(id, ONE), undefined, { 'If-None-Match': etag })).status, 304);
  assert.deepEqual(await result(), before);
});

test('its tiers have the form that the viewer gets for those of the result', async (context) => {
  const { web, id } = context;
  const { json: view } = await web.call('GET', `/api/v1/tasks/${id}/view/talk1/tiers`);
  const { files } = (await web.call('GET', `/api/v1/tasks/${id}/result/files`)).json;
  const { name } = files.find((file: { name: string }) => /\.TextGrid$/.test(file.name));
  const { bytes } = await web.call('GET', `/api/v1/tasks/${id}/result/files/${encodeURIComponent(name)}`);
  assert.equal((await put(context, '/talk1.TextGrid', bytes)).status, 201);
  const { json } = await web.call('GET', at(id, '/talk1.TextGrid?as=tiers'));
  // A TextGrid has one label for each phone.
  const without = (tiers: { intervals: unknown[][] }[]) =>
    tiers.map((tier) => ({ ...tier, intervals: tier.intervals.map((one) => one.slice(0, 3)) }));
  assert.deepEqual(json, { seconds: view.seconds, tiers: without(view.tiers), doubtful: [] });
  assert.equal((await web.call('GET', at(id, '/talk1.TextGrid?as=xml'))).status, 400);
  assert.deepEqual(
    (await list(context)).map((one: { name: string }) => one.name),
    ['talk1.TextGrid', 'talk1 mine.TextGrid'],
  );
});

test('of many requests for the tiers of large ones some wait, and others are refused', async (context) => {
  const { web, id } = context;
  const words = Array.from({ length: 20_000 }, (_, n) => `"IntervalTier"\n"t${n}"\n0\n2\n1\n0\n2\n"one"\n`);
  const grid = `File type = "ooTextFile"\n"TextGrid"\n0\n2\n<exists>\n${words.length}\n${words.join('')}`;
  const name = '/large.TextGrid';
  assert.equal((await put(context, name, grid)).status, 201);
  assert.equal((await web.call('GET', at(id, name))).bytes.toString(), grid);
  const tiers = () => web.call('GET', at(id, `${name}?as=tiers`));
  const answers = await Promise.all(Array.from({ length: 60 }, tiers));
  const statuses = new Set(answers.map(({ status }) => status));
  assert.deepEqual([...statuses].sort(), [200, 429]);
  const given = answers.filter(({ status }) => status === 200).map(({ json }) => json.tiers.length);
  assert.deepEqual([...new Set(given)], [words.length]);
  assert.equal((await web.call('DELETE', at(id, name))).status, 204);
});

test('a client that has not seen the newest correction cannot replace or delete it', async (context) => {
  const { web, id } = context;
  const [{ etag: former }] = await list(context);
  const again = await put(context, '/talk1.TextGrid', transcript('two'), { 'If-Match': former });
  assert.equal(again.status, 200);
  for (const headers of [{ 'If-Match': former }, { 'If-None-Match': '*' }]) {
    const late = await put(context, '/talk1.TextGrid', transcript('three'), headers);
    assert.deepEqual([late.status, late.json.code], [412, 'E_CONFLICT']);
  }
  assert.equal((await put(context, '/talk1.TextGrid', transcript('x'), { 'If-Match': 'abc' })).status, 400);
  const remove = (name: string, headers = {}) => web.call('DELETE', at(id, name), undefined, headers);
  assert.equal((await remove('/talk1.TextGrid', { 'If-Match': former })).status, 412);
  assert.equal((await web.call('GET', at(id, '/talk1.TextGrid'))).bytes.toString(), transcript('two'));
  assert.equal((await remove('/talk1.TextGrid', { 'If-Match': again.json.etag })).status, 204);
  assert.equal((await remove('/talk1.TextGrid')).status, 404);
  assert.equal((await put(context, '/never.TextGrid', transcript('x'), { 'If-Match': '*' })).status, 412);
});

test('an invalid TextGrid is refused with the places of its faults, and nothing is kept', async (context) => {
  const before = await list(context);
  const broken = transcript('one').replace('text = "one"', 'text = one');
  const { status, json } = await put(context, '/talk1.TextGrid', broken);
  assert.deepEqual(
    [status, json.code, json.faults[0].place.file],
    [422, 'E_TEXTGRID_MALFORMED', 'talk1.TextGrid'],
  );
  assert.ok(json.faults[0].place.line > 1, JSON.stringify(json));
  // In Praat's short form.
  const tier = (name: string) => `"IntervalTier"\n"${name}"\n0\n2\n2\n0\n1\n"x"\n0.5\n2\n"x"\n`;
  const overlapping = `File type = "ooTextFile"\n"TextGrid"\n0\n2\n<exists>\n2\n${tier('a')}${tier('b')}`;
  const refused = await put(context, '/talk1.TextGrid', overlapping);
  assert.deepEqual(
    refused.json.faults.map(({ code, place }: { code: string; place: object }) => [code, place]),
    ['a', 'b'].map((name) => [
      'E_TRANSCRIPT_OVERLAP',
      { file: 'talk1.TextGrid', tier: name, interval: 2, timeSec: 0.5 },
    ]),
    refused.bytes.toString(),
  );
  assert.equal((await put(context, '/talk1.TextGrid', '')).status, 422);
  for (const name of ['/talk1.eaf', '/..%2Ftalk1.TextGrid', '/.talk1.TextGrid', '/a%3Ab.TextGrid'])
    assert.equal((await put(context, name, transcript('x'))).json.code, 'E_PATH_KIND', name);
  assert.deepEqual(await list(context), before);
});

test('a task without a result has no corrections', async (context) => {
  const id = await context.site.addTask('one');
  const draft = { ...context, id };
  assert.deepEqual(await list(draft), []);
  assert.deepEqual((await put(draft, ONE, transcript('x'))).json.code, 'E_CONFLICT');
  assert.equal((await context.web.call('DELETE', at(id, ONE))).status, 409);
  assert.equal((await context.web.call('GET', at(id, ONE))).status, 404);
});

test('a row of another program whose result is in a shared folder gets no corrections', async (context) => {
  const { site, id } = context;
  const shared = path.join(site.uploadsDir, 'ann/otp/shared');
  mkdirSync(shared, { recursive: true });
  const { download_path: own } = await site.row(id);
  const move = async (to: string | null) => {
    const client = await site.sql.connect();
    // The rules of rows do not allow moving it.
    await client.query('BEGIN; SET LOCAL session_replication_role = replica');
    await client.query('UPDATE tasks SET download_path = $2 WHERE task_id = $1', [id, to]);
    await client.query('COMMIT');
    client.release();
  };
  await move('ann/otp/shared/x.zip');
  assert.deepEqual(await list(context), []);
  assert.equal((await put(context, ONE, transcript('x'))).status, 409);
  assert.deepEqual(readdirSync(shared), []);
  await move(own);
});

test('a name that another correction has as a folder is a name like any', async (context) => {
  const { web, id } = context;
  const names = ['/day.TextGrid%2Fa.TextGrid', '/day.TextGrid', `${ONE}%2Fa.TextGrid`];
  for (const name of names) assert.equal((await put(context, name, transcript(name))).status, 201);
  for (const name of names) {
    assert.equal((await web.call('GET', at(id, name))).bytes.toString(), transcript(name));
    assert.equal((await web.call('DELETE', at(id, name))).status, 204);
  }
});

test('what is replaced or deleted leaves neither a file nor a second row', async (context) => {
  const { site, web, id } = context;
  const before = await filesOf(context);
  for (const status of [201, 200, 200])
    assert.equal((await put(context, '/again.TextGrid', transcript(`${status}`))).status, status);
  assert.equal((await filesOf(context)).length, before.length + 1);
  assert.equal((await web.call('DELETE', at(id, '/again.TextGrid'))).status, 204);
  assert.deepEqual(await filesOf(context), before);
  assert.equal((await put(context, '/again.TextGrid', transcript('x'))).status, 201);
  assert.equal((await web.call('DELETE', at(id, '/again.TextGrid'))).status, 204);
  const { rows } = await site.sql.query(
    `SELECT deleted_at IS NULL AS is_live FROM task_files WHERE original_name = 'again.TextGrid'`,
  );
  assert.deepEqual(rows, [{ is_live: false }]);
});

test('a correction that is replaced all the time can be read all the time', async (context) => {
  const { web, id } = context;
  const name = '/busy.TextGrid';
  assert.equal((await put(context, name, transcript('0'))).status, 201);
  let isOver = false;
  const writing = (async () => {
    for (let n = 0; n < 30; n++) assert.equal((await put(context, name, transcript(`${n}`))).status, 200);
    isOver = true;
  })();
  const reading = async () => {
    while (!isOver) assert.equal((await web.call('GET', at(id, name))).status, 200);
  };
  await Promise.all([writing, reading(), reading(), reading(), reading()]);
  assert.equal((await web.call('DELETE', at(id, name))).status, 204);
});

test('what the database does not take changes nothing: the former one stays, and no file is left', async (context) => {
  const { site, web, id } = context;
  const name = '/kept.TextGrid';
  assert.equal((await put(context, name, transcript('x'))).status, 201);
  const before = await filesOf(context);
  await site.sql.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON task_files DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse()`);
  assert.equal((await put(context, name, transcript('y'))).status, 500);
  assert.equal((await put(context, '/new.TextGrid', transcript('y'))).status, 500);
  assert.equal((await web.call('DELETE', at(id, name))).status, 500);
  await site.sql.query('DROP TRIGGER refuse ON task_files; DROP FUNCTION refuse()');
  assert.equal((await web.call('GET', at(id, name))).bytes.toString(), transcript('x'));
  assert.deepEqual(await filesOf(context), before);
});

test('one whose commit was not answered is kept if there was a commit, and leaves nothing if there was none', async (context) => {
  const { site, id } = context;
  const { port } = new URL(site.url);
  await using proxy = await startTcpProxy(() => Number(port));
  const url = new URL(site.url);
  url.port = String(proxy.port);
  await using web = await startWeb(site, { DATABASE_URL: url.href });
  const far = { ...context, web };
  // Commits wait for a lock that the test has.
  await site.sql.query(`CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON task_files DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION wait()`);
  const name = '/unsure.TextGrid';
  assert.equal((await put(context, name, transcript('first'))).status, 201);
  const before = (await filesOf(context)).length;
  const holder = await site.sql.connect();
  const putUnanswered = async (text: string, end: (waiting: string) => Promise<unknown>) => {
    await holder.query('SELECT pg_advisory_lock(77)');
    const answer = put(far, name, transcript(text));
    const pid = await waitingFor(site, 'advisory');
    proxy.reset();
    // The server asks again with the row held: it waits for the transaction of which it has lost the answer.
    await waitingFor(site, 'transactionid');
    await end(pid);
    await holder.query('SELECT pg_advisory_unlock_all()');
    return (await answer).status;
  };
  const rollBack = (pid: string) => holder.query('SELECT pg_terminate_backend($1)', [pid]);
  assert.equal(await putUnanswered('second', rollBack), 503);
  assert.equal((await web.call('GET', at(id, name))).bytes.toString(), transcript('first'));
  assert.equal((await filesOf(context)).length, before);
  assert.equal(await putUnanswered('third', async () => undefined), 200);
  assert.equal((await web.call('GET', at(id, name))).bytes.toString(), transcript('third'));
  assert.equal((await filesOf(context)).length, before);
  holder.release();
  await site.sql.query('DROP TRIGGER wait ON task_files; DROP FUNCTION wait()');
});

test('files that no row names, of servers that were killed, go a week after they were written', async (context) => {
  const { site, web, id } = context;
  const dir = await folderOf(context);
  const before = await filesOf(context);
  const left = [
    `.${randomUUID()}.removed`,
    `.${randomUUID()}.part`,
    `${randomUUID()}.TextGrid`,
    'day/a.TextGrid',
  ];
  mkdirSync(path.join(dir, 'day'), { recursive: true });
  for (const name of left) writeFileSync(path.join(dir, name), transcript('x'));
  const named = (await list(context)).map((one: { name: string }) => one.name);
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const scan = () =>
    scanResults({ db: app.db, uploadsDir: site.uploadsDir, log: silentLog }, new AbortController().signal);
  const makeOlder = async (days: number) => {
    const atSec = Date.now() / 1000 - days * 86_400;
    for (const file of await filesOf(context)) utimesSync(path.join(dir, file), atSec, atSec);
  };
  await makeOlder(6);
  await scan();
  assert.deepEqual(await filesOf(context), [...before, ...left].sort());
  await makeOlder(8);
  await scan();
  assert.deepEqual(await filesOf(context), before);
  assert.deepEqual((await list(context)).map((one: { name: string }) => one.name).sort(), named.sort());
  assert.equal((await web.call('GET', at(id, ONE))).status, 200);
});

test('their number is limited', async (context) => {
  const { site } = context;
  const row = await site.row(context.id);
  const folder = path.join(path.dirname(row.download_path ?? ''), 'corrections');
  await site.sql.query(
    `INSERT INTO task_files (task, kind, path, original_name)
     SELECT $1, 'output', $2 || '/' || n || '.TextGrid', n || '.TextGrid' FROM generate_series(1, 100) AS n`,
    [row.id, folder],
  );
  const { status, json } = await put(context, '/more.TextGrid', transcript('x'));
  assert.deepEqual([status, json.code], [413, 'E_LIMIT']);
  assert.equal((await put(context, ONE, transcript('x'))).status, 200);
});

test('a correction that arrives while the result is removed is refused, and all are removed with the result', async (context) => {
  const { site, web, id } = context;
  const dir = await folderOf(context);
  const holder = await site.sql.connect();
  await holder.query('BEGIN');
  await holder.query(`UPDATE tasks SET task_status = 'expired', download_path = NULL WHERE task_id = $1`, [
    id,
  ]);
  const late = put(context, '/late.TextGrid', transcript('x'));
  await site.until('it to wait', async () => {
    const { rows } = await site.sql.query(`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'autophon web test' AND wait_event_type = 'Lock'`);
    return rows.length === 1;
  });
  await holder.query('COMMIT');
  holder.release();
  assert.equal((await late).status, 409);
  assert.deepEqual([existsSync(dir), existsSync(path.join(dir, 'late.TextGrid'))], [true, false]);
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const keep = { failedInputsSec: 0, resultsSec: 0 };
  await removeOutdated({ db: app.db, uploadsDir: site.uploadsDir, keep, log: silentLog });
  assert.ok(!existsSync(path.dirname(dir)));
  assert.deepEqual((await web.call('GET', at(id))).json, { corrections: [] });
});

test.run();
