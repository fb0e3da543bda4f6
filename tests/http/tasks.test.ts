import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { cancelFound } from '../../src/tasks/cancel.ts';
import { retryFound } from '../../src/tasks/retry.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site, transcript } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { startWeb, type Web } from '../../testing/web.ts';
import { readZip } from '../../testing/zip.ts';

const test = suite<{ site: Site; web: Web }>('tasks over HTTP');
const SOUND = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) });

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

async function makeDraft(web: Web, files: Readonly<Record<string, string | Buffer>>, more: object = {}) {
  const made = await web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE, ...more });
  assert.equal(made.status, 201, made.bytes.toString());
  for (const [name, content] of Object.entries(files)) {
    const { status, bytes } = await web.call('PUT', `/api/v1/tasks/${made.json.id}/files/${name}`, content);
    assert.equal(status, 201, bytes.toString());
  }
  return made.json.id as string;
}
const PAIR = { 'talk.wav': SOUND, 'talk.TextGrid': transcript('one two') };

test('files are given, the task is queued, a worker aligns it, and the zip is taken, whole or in part', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web, PAIR);
  const draft = await web.call('GET', `/api/v1/tasks/${id}`);
  assert.deepEqual(
    [draft.json.status, draft.json.files, draft.json.user, draft.json.name],
    ['uploading', 2, 'local', id],
  );
  const queued = await web.call('POST', `/api/v1/tasks/${id}/queue`);
  assert.deepEqual(
    [queued.status, queued.json.status, queued.json.name, queued.json.position, queued.json.files],
    [200, 'uploaded', 'talk', 1, 1],
    queued.bytes.toString(),
  );
  assert.equal((await web.call('GET', `/api/v1/tasks/${id}/result`)).json.code, 'E_NOT_FOUND');
  const worker = await startInstance(site);
  await site.waitFor(id, 'completed');
  await worker.stop();
  const { json } = await web.call('GET', `/api/v1/tasks/${id}`);
  const zip = await web.call('GET', `/api/v1/tasks/${id}/result`);
  assert.equal(zip.bytes.length, json.result.bytes);
  assert.match(zip.headers.get('content-disposition') ?? '', /^attachment; filename=/);
  const zipPath = path.join(site.dir, 'taken.zip');
  writeFileSync(zipPath, zip.bytes);
  const entries = await readZip(zipPath);
  const { files } = (await web.call('GET', `/api/v1/tasks/${id}/result/files`)).json;
  assert.deepEqual(
    files.map(({ name, bytes }: { name: string; bytes: number }) => [name, bytes]),
    [...entries].map(([name, content]) => [name, Buffer.byteLength(content)]),
  );
  for (const [name, content] of entries) {
    const one = await web.call('GET', `/api/v1/tasks/${id}/result/files/${encodeURIComponent(name)}`);
    assert.deepEqual([one.status, one.bytes.toString()], [200, content], name);
  }
  assert.equal((await web.call('GET', `/api/v1/tasks/${id}/result/files/none.TextGrid`)).status, 404);
  const etag = zip.headers.get('etag') ?? '';
  const ranges: readonly [range: string, first: number, last: number][] = [
    ['bytes=10-19', 10, 20],
    ['bytes=-5', zip.bytes.length - 5, zip.bytes.length],
    [`bytes=${zip.bytes.length - 3}-${zip.bytes.length + 50}`, zip.bytes.length - 3, zip.bytes.length],
  ];
  for (const [range, first, last] of ranges) {
    const part = await web.call('GET', `/api/v1/tasks/${id}/result`, undefined, { range, 'if-range': etag });
    assert.deepEqual([part.status, part.bytes], [206, zip.bytes.subarray(first, last)], range);
  }
  const other = await web.call('GET', `/api/v1/tasks/${id}/result`, undefined, {
    range: 'bytes=0-1',
    'if-range': '"x"',
  });
  assert.deepEqual([other.status, other.bytes.length], [200, zip.bytes.length]);
  const beyond = await web.call('GET', `/api/v1/tasks/${id}/result`, undefined, { range: 'bytes=99999999-' });
  assert.deepEqual(
    [beyond.status, beyond.headers.get('content-range')],
    [416, `bytes */${zip.bytes.length}`],
  );
});

/** Changes rows as no program may. */
async function withoutRules(site: Site, statement: string): Promise<void> {
  const client = await site.sql.connect();
  try {
    await client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; COMMIT`);
  } finally {
    client.release(true);
  }
}

test('a task has its history, and the log of its last attempt from any byte on', async ({ site, web }) => {
  const id = await makeDraft(web, PAIR);
  const log = (from: string | number) => web.call('GET', `/api/v1/tasks/${id}/log?from=${from}`);
  const none = await log(0);
  assert.deepEqual([none.status, none.bytes.length, none.headers.get('x-log-end')], [200, 0, '0']);
  await web.call('POST', `/api/v1/tasks/${id}/queue`);
  const worker = await startInstance(site);
  await site.waitFor(id, 'completed');
  await worker.stop();
  const { events, stages, attempts } = (await web.call('GET', `/api/v1/tasks/${id}/history`)).json;
  assert.deepEqual(
    [events[0].to_status, events.at(-1).to_status, stages[0].stage, stages.length >= 3],
    ['uploading', 'completed', 'prepare', true],
  );
  assert.deepEqual([attempts.length, attempts[0].fence, attempts[0].outcome], [1, 1, 'completed']);
  assert.ok(attempts[0].started_at <= attempts[0].ended_at);
  const { log_path: logPath } = await site.row(id);
  const file = path.join(site.env['LOGS'] ?? '', String(logPath));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'begun\nGespräch ');
  const whole = await log(0);
  assert.deepEqual(
    [whole.bytes.toString(), whole.headers.get('x-log-end'), whole.headers.get('x-log-attempt')],
    ['begun\nGespräch ', '16', '1'],
  );
  // The first byte of a letter of two: it comes when the letter is whole, or when nothing more can come.
  const half = Buffer.from('é').subarray(0, 1);
  writeFileSync(file, Buffer.concat([Buffer.from('begun\nGespräch '), half]));
  const ended = await log(16);
  assert.deepEqual([ended.headers.get('x-log-end'), ended.bytes], ['17', half]);
  const become = (change: string) => withoutRules(site, `UPDATE tasks SET ${change} WHERE task_id = '${id}'`);
  await become(`task_status = 'processing', finished_at = NULL`);
  assert.equal((await log(16)).headers.get('x-log-end'), '16');
  await become(`task_status = 'completed', finished_at = now()`);
  writeFileSync(file, 'begun\nGespräch é');
  assert.equal((await log(16)).bytes.toString(), 'é');
  assert.equal((await log(999)).headers.get('x-log-end'), '999');
  assert.equal((await log('-1')).status, 400);
});

test('a draft is checked as "autophon check" does it, with names relative to the task, and is not queued', async ({
  web,
}) => {
  const id = await makeDraft(web, {
    'day/a.wav': SOUND,
    'day/a.TextGrid': transcript('one zebra'),
    'day/b.wav': SOUND,
  });
  const { status, json } = await web.call('POST', `/api/v1/tasks/${id}/check`);
  assert.equal(status, 200);
  assert.deepEqual(
    [json.ready, json.recordings, json.recordingsReady, json.words],
    [false, 2, 1, 2],
    JSON.stringify(json),
  );
  assert.deepEqual(
    json.faults.map(({ code, place }: { code: string; place: { file: string } }) => [code, place.file]),
    [['E_TRANSCRIPT_MISSING', 'day/b.wav']],
  );
  assert.equal((await web.call('GET', `/api/v1/tasks/${id}`)).json.status, 'uploading');
});

test('a task may name a URL that is told of its end, and its history has the outcome', async ({ site }) => {
  await using web = await startWeb(site, { WEBHOOK_HOSTS: 'app.example.org', WEBHOOK_SECRET: 'key' });
  const url = 'https://app.example.org/aligned';
  const id = await makeDraft(web, PAIR, { notify_url: url });
  const patch = (notify_url: string | null) => web.call('PATCH', `/api/v1/tasks/${id}`, { notify_url });
  assert.equal((await patch('https://other.example.org/')).json.code, 'E_USAGE');
  assert.equal((await patch(null)).json.options.notify_url, null);
  assert.equal((await patch(url)).json.options.notify_url, url);
  await web.call('POST', `/api/v1/tasks/${id}/queue`);
  await web.call('POST', `/api/v1/tasks/${id}/cancel`);
  const { deliveries } = (await web.call('GET', `/api/v1/tasks/${id}/history`)).json;
  assert.deepEqual(
    deliveries.map(({ kind, url: to, status, state, attempts }: Record<string, unknown>) => [
      ...[kind, to, status, state, attempts],
    ]),
    [['webhook', url, 'cancelled', 'waiting', 0]],
  );
});

test('a user has a URL that is told of the end of own tasks, until it is removed', async ({ site }) => {
  await using web = await startWeb(site, { WEBHOOK_HOSTS: 'app.example.org', WEBHOOK_SECRET: 'key' });
  const put = (url: unknown) => web.call('PUT', '/api/v1/webhook', { url });
  const get = async () => (await web.call('GET', '/api/v1/webhook')).json;
  assert.deepEqual(await get(), { url: null });
  const good = 'https://app.example.org/1';
  const wrongs = [
    'https://other.example.org/',
    'aligned',
    good.toUpperCase(),
    `${good} `,
    `${good}\0`,
    7,
    undefined,
  ];
  for (const wrong of wrongs) {
    const { status, json } = await put(wrong);
    assert.deepEqual([status, json.code], [400, 'E_USAGE'], String(wrong));
  }
  for (const url of [good, 'https://app.example.org/2', null, null]) {
    assert.deepEqual((await put(url)).json, { url });
    assert.deepEqual(await get(), { url });
  }
  const { rows } = await site.sql.query('SELECT FROM webhooks');
  assert.equal(rows.length, 0);
});

test('choices are changed while files are given, priority and time until the task runs', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web, PAIR, { formats: ['csv'] });
  const patch = (body: object) => web.call('PATCH', `/api/v1/tasks/${id}`, body);
  // As the web application stored a language that it guessed.
  assert.equal((await patch({ lang: `${TRIVIAL_LANGUAGE} (suggested)` })).json.lang, TRIVIAL_LANGUAGE);
  const draft = (await patch({ speakers: 'names', formats: ['textgrid', 'par'], name: 'tea', priority: 3 }))
    .json;
  assert.deepEqual(
    [draft.options.speakers, draft.formats, draft.name, draft.priority, draft.lang],
    ['names', ['textgrid', 'par'], 'tea', 3, TRIVIAL_LANGUAGE],
  );
  assert.equal((await patch({ formats: null })).json.formats, null);
  assert.equal((await patch({ lang: 'engUS_TRIVIAL_v01' })).json.code, 'E_LANGUAGE_UNKNOWN');
  assert.equal((await patch({ priority: 1001 })).status, 400);
  const refused = await patch({ notify_url: 'https://app.example.org/aligned' });
  assert.deepEqual([refused.status, refused.json.code], [400, 'E_USAGE']);
  assert.match(refused.json.detail, /this site sends no webhooks/);
  await web.call('POST', `/api/v1/tasks/${id}/queue`);
  assert.equal((await patch({ priority: 9 })).json.priority, 9);
  const later = (await patch({ not_before: '2999-03-01T22:00:00+01:00' })).json;
  assert.deepEqual([later.not_before, later.position], ['2999-03-01T21:00:00.000Z', null]);
  assert.equal((await patch({ not_before: 'tonight' })).status, 400);
  assert.equal((await patch({ not_before: null })).json.position, 1);
  assert.equal((await patch({ speakers: 'tiers' })).json.code, 'E_CONFLICT');
  assert.equal((await site.row(id))['speakers'], 'names');
  await web.call('POST', `/api/v1/tasks/${id}/cancel`);
  assert.equal((await patch({ priority: 1 })).json.code, 'E_CONFLICT');
});

test('queueing is refused with all faults at once, and the task stays a draft that can be fixed', async ({
  web,
}) => {
  const id = await makeDraft(web, {
    'a.wav': SOUND,
    'b.wav': SOUND,
    'b.TextGrid': 'no grid',
  });
  const refused = await web.call('POST', `/api/v1/tasks/${id}/queue`);
  assert.equal(refused.status, 422);
  assert.equal(refused.headers.get('content-type'), 'application/problem+json');
  assert.deepEqual(
    refused.json.faults.map(({ code, place }: { code: string; place: { file: string } }) => [
      code,
      place.file,
    ]),
    [
      ['E_TRANSCRIPT_MISSING', 'a.wav'],
      ['E_TEXTGRID_MALFORMED', 'b.TextGrid'],
    ],
  );
  await web.call('DELETE', `/api/v1/tasks/${id}/files/a.wav`);
  await web.call('PUT', `/api/v1/tasks/${id}/files/b.TextGrid`, transcript('one two'));
  const { json } = await web.call('POST', `/api/v1/tasks/${id}/queue`);
  assert.deepEqual([json.status, json.files], ['uploaded', 1]);
  const again = await web.call('POST', `/api/v1/tasks/${id}/queue`);
  assert.deepEqual([again.status, again.json.code], [409, 'E_CONFLICT']);
});

test('a check may take longer than a connection may be silent', async ({ site, web: patient }) => {
  const id = await makeDraft(patient, PAIR);
  await using web = await startWeb(site, {}, { silentLimitMs: 1_000 });
  const holder = await site.sql.connect();
  await holder.query(`BEGIN; SELECT FROM tasks WHERE task_id = '${id}' FOR UPDATE`);
  const queued = web.call('POST', `/api/v1/tasks/${id}/queue`);
  await site.until('the request to wait', async () => {
    const { rows } = await site.sql.query(`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'autophon web test' AND wait_event_type = 'Lock'
        AND now() - query_start > interval '2 s'`);
    return rows.length === 1;
  });
  await holder.query('COMMIT');
  holder.release();
  assert.equal((await queued).status, 200);
  await site.sql.query('DELETE FROM tasks WHERE task_id = $1', [id]);
});

test('a client that goes on sending data that is not read is disconnected', async ({ site }) => {
  await using web = await startWeb(site, {}, { unreadLimitMs: 50 });
  const { hostname, port } = new URL(web.address);
  for (const path of ['/', '/main.js', '/api/v1/tasks/none/result']) {
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nx`);
    let isClosed = false;
    socket.on('close', () => {
      isClosed = true;
    });
    socket.on('error', () => undefined);
    socket.resume();
    await site.until(`${path} to be cut off`, () => {
      if (!socket.destroyed) socket.write('x');
      return isClosed;
    });
  }
});

test('of two tasks whose ids begin alike, only the one that was found is changed', async ({ site }) => {
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  await site.sql.query(`INSERT INTO tasks (task_id, user_uuid, lang, task_path)
    VALUES ('gone-1', 'bob', 'engUS_TRIVIAL_v010', 'bob/upl/gone-1')`);
  await site.sql.query(`UPDATE tasks SET task_status = 'uploaded' WHERE task_id = 'gone-1'`);
  const gone = { task_id: 'gone', task_status: 'uploaded' } as const;
  assert.deepEqual((await cancelFound(app.db, [gone])).changed, []);
  assert.deepEqual((await retryFound(app.db, [gone])).changed, []);
  await site.sql.query(`DELETE FROM tasks WHERE task_id = 'gone-1'`);
});

test('a task is cancelled, tried again and deleted; an action that does not fit its status is a conflict', async ({
  web,
}) => {
  const id = await makeDraft(web, PAIR);
  const conflict = async (action: string) =>
    assert.equal((await web.call('POST', `/api/v1/tasks/${id}/${action}`)).json.code, 'E_CONFLICT', action);
  await conflict('cancel');
  await conflict('retry');
  await web.call('POST', `/api/v1/tasks/${id}/queue`);
  await conflict('retry');
  const status = async (action: string) =>
    (await web.call('POST', `/api/v1/tasks/${id}/${action}`)).json.status;
  assert.equal(await status('cancel'), 'cancelled');
  await conflict('cancel');
  assert.equal(await status('retry'), 'uploaded');
  assert.equal((await web.call('DELETE', `/api/v1/tasks/${id}`)).status, 204);
  for (const [method, action] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/queue'],
    ['GET', '/files'],
  ] as const) {
    const gone = await web.call(method, `/api/v1/tasks/${id}${action}`);
    assert.deepEqual([gone.status, gone.json.code], [404, 'E_NOT_FOUND'], action);
  }
});

test('one key makes one task, however often it is sent; with another request it is refused', async ({
  site,
  web,
}) => {
  const make = (key: string, more: object = {}) =>
    web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE, ...more }, { 'Idempotency-Key': key });
  const [one, two, other] = await Promise.all([make('k1'), make('k1'), make('k2')]);
  assert.equal(one.json.id, two.json.id);
  assert.notEqual(one.json.id, other.json.id);
  // The key stands for the request, whatever has become of the task, and however the body is formatted.
  await web.call('PATCH', `/api/v1/tasks/${one.json.id}`, { name: 'later', speakers: 'names' });
  const again = await make('k1', { priority: 0, name: null, speakers: 'tiers' });
  assert.deepEqual([again.status, again.json.id, again.json.name], [201, one.json.id, 'later']);
  for (const more of [{ name: 'tea' }, { formats: ['csv'] }, { priority: 1 }]) {
    const refused = await make('k1', more);
    assert.deepEqual([refused.status, refused.json.code], [422, 'E_CONFLICT'], JSON.stringify(more));
    assert.match(refused.json.detail, /send a new key/);
  }
  // Both at the same moment: exactly one has made the task.
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(['a', 'b', 'a', 'b'].map((name) => make(`both-${round}`, { name })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 422, 422]);
    assert.equal(new Set(answers.flatMap(({ json }) => (json.id === undefined ? [] : [json.id]))).size, 1);
  }
  // Earlier versions stored no hash.
  await site.sql.query('UPDATE tasks SET request_hash = NULL WHERE task_id = $1', [one.json.id]);
  assert.equal((await make('k1', { name: 'tea' })).json.id, one.json.id);
});

test('a list is filtered, and the next page goes on where it ended', async ({ site, web }) => {
  await site.sql.query(`INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, name)
    SELECT 'l' || n, 'lena', 'sweSE_TRIVIAL_v010', 'lena/upl/l' || n, 'uploading', 'Gespräch ' || n
    FROM generate_series(1, 7) AS n`);
  const list = async (query: string) => {
    const { json } = await web.call('GET', `/api/v1/tasks?${query}`);
    return { ids: json.tasks.map(({ id }: { id: string }) => id).join(' '), next: json.next };
  };
  const first = await list('user=lena&limit=3');
  assert.equal(first.ids, 'l7 l6 l5');
  assert.equal((await list(`user=lena&limit=3&cursor=${first.next}`)).ids, 'l4 l3 l2');
  assert.deepEqual(await list('user=lena&lang=sweSE&q=GESPRÄCH 7'), { ids: 'l7', next: null });
  assert.equal((await list('user=lena&status=failed,cancelled')).ids, '');
  assert.equal((await list('user=lena&since=2999-01-01')).ids, '');
  assert.deepEqual((await web.call('GET', '/api/v1/tasks/count?user=lena')).json, {
    count: 7,
    by_status: { uploading: 7 },
    complete: true,
  });
  assert.equal((await web.call('GET', '/api/v1/tasks/count?user=lena&status=failed')).json.count, 0);
});

test('a wrong parameter or field is a fault that names the known ones', async ({ web }) => {
  const faultsOf = async (answer: Promise<{ status: number; json: { faults: { text: string }[] } }>) => {
    const { status, json } = await answer;
    assert.equal(status, 400);
    return json.faults.map(({ text }) => text).join('\n');
  };
  const query = await faultsOf(
    web.call('GET', '/api/v1/tasks?stauts=failed&limit=0&since=yesterday&code=E_X'),
  );
  assert.match(query, /no parameter "stauts"; did you mean status\? Known: status, lang, .*cursor/);
  assert.match(query, /parameter limit: expected a whole number from 1 to 500/);
  assert.match(query, /parameter since: expected a day/);
  assert.match(query, /parameter code: no error code "E_X"/);
  assert.match(await faultsOf(web.call('GET', '/api/v1/tasks?limit=1&limit=2')), /limit is there twice/);
  assert.match(
    await faultsOf(web.call('POST', '/api/v1/tasks', { langs: 'x' })),
    /no field "langs"; did you mean lang\?/,
  );
  assert.match(
    await faultsOf(web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE, channels: 'stereo' })),
    /field channels: expected "mix", "split" or/,
  );
  const unknown = await web.call('POST', '/api/v1/tasks', { lang: 'engUS_TRIVIAL_v01' });
  assert.deepEqual([unknown.status, unknown.json.code], [422, 'E_LANGUAGE_UNKNOWN']);
  assert.equal(
    (await web.call('POST', '/api/v1/tasks', '{"lang"', { 'Content-Type': 'application/json' })).status,
    400,
  );
  assert.equal((await web.call('POST', '/api/v1/tasks', 'lang=x')).status, 415);
  assert.equal((await web.call('PATCH', '/api/v1/session')).headers.get('allow'), 'GET');
  assert.equal((await web.call('GET', '/api/v1/nothing')).status, 404);
});

test('the channels that a draft asks for are checked when it is queued, and shown', async ({ web }) => {
  const id = await makeDraft(web, PAIR, { channels: 'split: Anna' });
  const { json } = await web.call('POST', `/api/v1/tasks/${id}/queue`);
  assert.equal(json.options.channels, 'split:Anna');
  assert.equal(json.status, 'uploaded');
  const stereo = { ...PAIR, 'talk.wav': makeWav({ sampleRateHz: 16_000, channelCount: 2 }) };
  const other = await makeDraft(web, stereo, { channels: 'split:a,b,c' });
  const refused = await web.call('POST', `/api/v1/tasks/${other}/queue`);
  assert.deepEqual(
    [refused.status, refused.json.code],
    [422, 'E_CHANNELS_UNCLEAR'],
    refused.bytes.toString(),
  );
});

test('a browser that opens an address where nothing is gets the page, a program gets JSON', async ({
  web,
}) => {
  const ask = (path: string, accept: string) => web.call('GET', path, undefined, { Accept: accept });
  const shown = await ask('/nothing/here', 'text/html,*/*;q=0.8');
  assert.deepEqual([shown.status, shown.headers.get('content-type')], [404, 'text/html; charset=utf-8']);
  for (const [path, accept] of [
    ['/nothing/here', '*/*'],
    ['/api/v1/nothing', 'text/html'],
  ] as const)
    assert.equal((await ask(path, accept)).json.code, 'E_NOT_FOUND', path);
});

test('a page of another origin and a request with another host name are refused, and nothing is changed', async ({
  site,
  web,
}) => {
  const { port } = new URL(web.address);
  const send = (method: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const request = http.request(
        { port, host: '127.0.0.1', path: '/api/v1/tasks', method, headers },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject);
      request.end(method === 'POST' ? JSON.stringify({ lang: TRIVIAL_LANGUAGE }) : undefined);
    });
  const count = async () => (await site.sql.query('SELECT count(*)::int AS n FROM tasks')).rows[0].n;
  const json = { 'Content-Type': 'application/json' };
  const before = await count();
  assert.equal(await send('GET', { Host: 'evil.example' }), 421);
  assert.equal(await send('GET', { Host: `localhost.evil.example:${port}` }), 421);
  assert.equal(await send('GET', { Host: `[::1]:${port}` }), 200);
  assert.equal(await send('POST', { ...json, 'Sec-Fetch-Site': 'cross-site' }), 403);
  assert.equal(await send('POST', { ...json, 'Sec-Fetch-Site': 'same-site' }), 403);
  assert.equal(await send('POST', { ...json, Origin: 'http://evil.example' }), 403);
  assert.equal(await send('POST', { ...json, Origin: 'null' }), 403);
  assert.equal(await send('POST', { ...json, Origin: `http://127.0.0.1:${Number(port) + 1}` }), 403);
  assert.equal(await count(), before);
  assert.equal(await send('POST', { ...json, Origin: web.address }), 201);
  assert.equal(await send('POST', { ...json, 'Sec-Fetch-Site': 'same-origin' }), 201);
});

test('each answer forbids guessing its type, framing it and caching it', async ({ web }) => {
  for (const path of ['/api/v1/session', '/nothing']) {
    const { headers } = await web.call('GET', path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
    assert.equal(headers.get('cache-control'), 'no-store');
  }
});

test.run();
