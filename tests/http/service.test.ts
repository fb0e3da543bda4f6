import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { startWeb, type Web } from '../../testing/web.ts';

const test = suite<{ site: Site; web: Web }>('the service and the dictionary over HTTP');
const URL = `/api/v1/dictionary/${TRIVIAL_LANGUAGE}`;

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

const fileOf = (site: Site) => path.join(site.uploadsDir, 'local/dic', `${TRIVIAL_LANGUAGE}.dict`);

test('the work is paused, a worker is drained, and pauses are ended, each only with the right to do so', async ({
  site,
  web,
}) => {
  await site.sql.query(
    `INSERT INTO instances (id, host, pid, version, slots, engines, seen_at)
     VALUES ('w1', 'lab', 7, '1', 2, '{"TRIVIAL": {"state": "ready", "version": "1", "note": ""}}', now() + interval '1 hour')`,
  );
  const all = await web.call('POST', '/api/v1/pauses', { reason: 'new disk' });
  assert.equal(all.status, 201);
  const [{ id, since, ...pause }] = all.json.pauses;
  assert.deepEqual(pause, {
    ...{ engine: null, instance: null, host: null, drain: false, reason: 'new disk', by: 'local' },
  });
  assert.ok(Date.parse(since) > 0);
  const drained = await web.call('POST', '/api/v1/pauses', { instance: 'w1', drain: true });
  assert.deepEqual([drained.json.pauses[1].instance, drained.json.pauses[1].drain], ['w1', true]);
  for (const wrong of [{ drain: true }, { engine: 'NONE' }, { instance: 'w2' }, { reason: 3 }]) {
    assert.equal((await web.call('POST', '/api/v1/pauses', wrong)).status, 400, JSON.stringify(wrong));
  }
  assert.equal((await web.call('DELETE', `/api/v1/pauses/${id}`)).status, 204);
  assert.equal((await web.call('DELETE', `/api/v1/pauses/${id}`)).status, 404);
  assert.equal((await web.call('GET', '/api/v1/pauses')).json.pauses.length, 1);
  await site.sql.query('DELETE FROM instances');
});

test('the dictionary is stored where a worker looks for it, and is replaced as a whole', async ({
  site,
  web,
}) => {
  const none = await web.call('GET', URL);
  assert.deepEqual([none.status, none.bytes.length], [200, 0]);
  const put = await web.call('PUT', URL, 'zebra\tW AH N\n', { 'If-Match': none.headers.get('etag') ?? '' });
  assert.equal(put.status, 204, put.bytes.toString());
  assert.equal(readFileSync(fileOf(site), 'utf8'), 'zebra\tW AH N\n');
  const late = await web.call('PUT', URL, 'ox\tW\n', { 'If-Match': none.headers.get('etag') ?? '' });
  assert.deepEqual([late.status, late.json.code], [412, 'E_CONFLICT']);
  const got = await web.call('GET', URL);
  assert.deepEqual(
    [got.bytes.toString(), got.headers.get('etag')],
    ['zebra\tW AH N\n', put.headers.get('etag')],
  );
  assert.deepEqual(readdirSync(path.dirname(fileOf(site))), [`${TRIVIAL_LANGUAGE}.dict`]);
});

test('a condition that cannot be read is refused, since it would count as no condition', async ({ web }) => {
  for (const condition of ['abc', '"abc', '"a" "b"', '']) {
    const { status } = await web.call('PUT', URL, 'ox\tW\n', { 'If-Match': condition });
    assert.equal(status, 400, condition);
  }
  assert.equal((await web.call('GET', URL)).bytes.toString(), 'zebra\tW AH N\n');
});

test('a bad line is reported with its number, and the stored dictionary stays', async ({ site, web }) => {
  const before = readFileSync(fileOf(site), 'utf8');
  const { status, json } = await web.call('PUT', URL, 'zebra\tW AH N\ncow\tW QQ\n\nalone\n');
  assert.equal(status, 422);
  assert.deepEqual(
    json.faults.map(({ code, place }: { code: string; place: object }) => [code, place]),
    [
      ['E_DICTIONARY_MALFORMED', { file: `${TRIVIAL_LANGUAGE}.dict`, line: 2 }],
      ['E_DICTIONARY_MALFORMED', { file: `${TRIVIAL_LANGUAGE}.dict`, line: 4 }],
    ],
  );
  const entries = await web.call('POST', `${URL}/entries`, {
    entries: [
      { word: 'cow', phones: 'W' },
      { word: 'cow', phones: 'QQ' },
    ],
  });
  assert.deepEqual([entries.status, entries.json.faults[0].place.line], [422, 2]);
  const blank = await web.call('POST', `${URL}/entries`, { entries: [{ word: 'a b\tc', phones: 'W' }] });
  assert.equal(blank.status, 422);
  assert.equal(readFileSync(fileOf(site), 'utf8'), before);
  assert.equal((await web.call('GET', '/api/v1/dictionary/..%2Fx')).json.code, 'E_LANGUAGE_UNKNOWN');
});

test('entries of many writers at two servers are all kept, each once', async ({ site, web }) => {
  await using other = await startWeb(site);
  const add = (server: Web, word: string) =>
    server.call('POST', `${URL}/entries`, { entries: [{ word, phones: 'W  AH N' }] });
  const words = Array.from({ length: 12 }, (_, n) => `word${String.fromCharCode(97 + n)}`);
  const answers = await Promise.all(
    words.flatMap((word, n) => [add(n % 2 === 0 ? web : other, word), add(other, word)]),
  );
  assert.equal(
    answers.reduce((sum, { json }) => sum + json.added, 0),
    words.length,
  );
  const lines = readFileSync(fileOf(site), 'utf8').trimEnd().split('\n');
  assert.deepEqual(lines.toSorted(), [...words, 'zebra'].map((word) => `${word}\tW AH N`).toSorted());
});

test('a dictionary that is a link to somewhere else is not read or written through', async ({
  site,
  web,
}) => {
  const outside = path.join(site.dir, 'secret');
  writeFileSync(outside, 'secret');
  rmSync(fileOf(site), { force: true });
  mkdirSync(path.dirname(fileOf(site)), { recursive: true });
  symlinkSync(outside, fileOf(site));
  assert.equal((await web.call('GET', URL)).json.code, 'E_PATH_KIND');
  rmSync(fileOf(site));
  const others = path.join(site.uploadsDir, 'ann/dic/of-ann.dict');
  mkdirSync(path.dirname(others), { recursive: true });
  writeFileSync(others, 'secret');
  symlinkSync(others, fileOf(site));
  assert.equal((await web.call('GET', URL)).json.code, 'E_PATH_KIND');
  assert.equal((await web.call('PUT', URL, 'ox\tW\n')).status, 204);
  assert.equal(readFileSync(outside, 'utf8'), 'secret');
  assert.ok(existsSync(fileOf(site)));
});

test('ended tasks are counted by time and by code, together with waiting ones', async ({ site, web }) => {
  await site.sql.query(`INSERT INTO tasks (task_id, user_uuid, lang, task_path)
    SELECT 's' || n, 'ann', 'engUS_TRIVIAL_v010', 'ann/upl/s' FROM generate_series(1, 6) AS n`);
  await site.sql.query(`UPDATE tasks SET task_status = 'uploaded' WHERE task_id LIKE 's%'`);
  await site.sql.query(`UPDATE tasks SET task_status = 'failed', error_message = 'no',
    error_code = CASE task_id WHEN 's1' THEN 'E_TIMEOUT' ELSE 'E_ENGINE_FAILED' END WHERE task_id IN ('s1', 's2', 's3')`);
  await site.sql.query(`UPDATE tasks SET cancel_requested = true WHERE task_id = 's4'`);
  await site.sql.query(`UPDATE tasks SET finished_at = now() - interval '3 hours' WHERE task_id = 's3'`);
  const statistics = async (window: string) =>
    (await web.call('GET', `/api/v1/statistics?window=${window}`)).json;
  const hour = await statistics('hour');
  const sum = (buckets: { failed: number; cancelled: number }[]) => [
    buckets.length,
    buckets.reduce((all, { failed }) => all + failed, 0),
    buckets.reduce((all, { cancelled }) => all + cancelled, 0),
  ];
  assert.deepEqual(sum(hour.buckets), [60, 2, 1]);
  assert.ok(hour.buckets[0].at < hour.buckets[59].at);
  assert.deepEqual(hour.failures, [
    { code: 'E_ENGINE_FAILED', count: 1 },
    { code: 'E_TIMEOUT', count: 1 },
  ]);
  assert.deepEqual([hour.waiting.length, hour.waiting[0].engine, hour.waiting[0].ready], [1, 'TRIVIAL', 2]);
  const { tasks } = (await web.call('GET', '/api/v1/tasks?user=ann&status=uploaded')).json;
  assert.deepEqual(
    tasks.map(({ id, position }: { id: string; position: number }) => [id, position]),
    [
      ['s6', 2],
      ['s5', 1],
    ],
  );
  assert.deepEqual(sum((await statistics('day')).buckets), [96, 3, 1]);
  assert.equal((await web.call('GET', '/api/v1/statistics?window=year')).status, 400);
  assert.deepEqual((await web.call('GET', '/api/v1/instances')).json, { instances: [] });
  assert.ok(Array.isArray((await web.call('GET', '/api/v1/engines')).json.engines));
});

test.run();
