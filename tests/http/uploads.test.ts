import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { suite } from 'uvu';
import { HeldLocks } from '../../src/db/held-locks.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { withEnoughTime } from '../../testing/time-limits.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { startWeb, type Web } from '../../testing/web.ts';

const test = suite<{ site: Site; web: Web }>('uploads over HTTP');
const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 7 + (n >> 8)) % 256));
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site, { MAX_FILES: '5', MAX_TASK_SIZE: '1M' });
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

async function makeDraft(web: Web): Promise<string> {
  return (await web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE })).json.id;
}
const fileUrl = (id: string, name: string) => `/api/v1/tasks/${id}/files/${name}`;
const folder = (site: Site, id: string) => path.join(site.uploadsDir, 'local/upl', id);

/** Sends the beginning of a file, and the rest when it is told to. */
async function beginUpload(web: Web, url: string, sent: number): Promise<http.ClientRequest> {
  const request = http.request(web.address + url, {
    method: 'PUT',
    headers: { 'Content-Length': BYTES.length },
  });
  request.on('error', () => undefined);
  request.write(BYTES.subarray(0, sent));
  return request;
}
async function offsetOf(web: Web, url: string): Promise<number> {
  return Number((await web.call('HEAD', url)).headers.get('upload-offset'));
}

test('a file exists when all of it has arrived, with its hash, readable for the group', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web);
  const put = await web.call('PUT', fileUrl(id, 'day%201/Gespr%C3%A4ch.wav'), BYTES);
  assert.equal(put.status, 201);
  assert.deepEqual(put.json, {
    name: 'day 1/Gespräch.wav',
    bytes: BYTES.length,
    complete: true,
    sha256: SHA256,
  });
  const stored = path.join(folder(site, id), 'day 1/Gespräch.wav');
  assert.deepEqual(readFileSync(stored), BYTES);
  assert.equal(statSync(stored).mode & 0o777, 0o640);
  assert.equal(
    (await web.call('PUT', fileUrl(id, 'day%201/Gespr%C3%A4ch.wav'), BYTES.subarray(9))).status,
    200,
  );
  const { json } = await web.call('GET', `/api/v1/tasks/${id}/files`);
  assert.deepEqual(json.files, [
    { name: 'day 1/Gespräch.wav', bytes: BYTES.length - 9, complete: true, sha256: null },
  ]);
  const task = (await web.call('GET', `/api/v1/tasks/${id}`)).json;
  assert.deepEqual([task.files, task.size_bytes], [1, BYTES.length - 9]);
});

test('a file that has arrived can be read again while its task is not queued, but not a link in its place', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web);
  const text = Buffer.from('so it was');
  await web.call('PUT', fileUrl(id, 'day%201/talk.txt'), text);
  const got = await fetch(web.address + fileUrl(id, 'day%201/talk.txt'));
  assert.equal(await got.text(), 'so it was');
  assert.match(got.headers.get('content-disposition') ?? '', /attachment; filename="talk.txt"/);
  const missing = await web.call('GET', fileUrl(id, 'other.txt'));
  assert.deepEqual([missing.status, missing.json.code], [404, 'E_NOT_FOUND']);
  symlinkSync('/etc/hostname', path.join(folder(site, id), 'linked.txt'));
  assert.notEqual((await web.call('GET', fileUrl(id, 'linked.txt'))).status, 200);
  symlinkSync('day 1', path.join(folder(site, id), 'elsewhere'));
  assert.notEqual((await web.call('GET', fileUrl(id, 'elsewhere/talk.txt'))).status, 200);
});

test('data that arrived before the connection broke is kept, is not an input yet, and the rest follows', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web);
  const url = fileUrl(id, 'talk.wav');
  const request = await beginUpload(web, url, 100_000);
  await site.until('the beginning to arrive', async () => (await offsetOf(web, url)) === 100_000);
  const second = await web.call('PUT', url, BYTES);
  assert.deepEqual([second.status, second.json.code], [409, 'E_CONFLICT']);
  request.destroy();
  assert.equal(existsSync(path.join(folder(site, id), 'talk.wav')), false);
  const rest = (from: number) =>
    web.call('PUT', url, BYTES.subarray(from), {
      'Content-Range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}`,
    });
  let wrong = await rest(99_999);
  await site.until('the server to notice', async () => {
    wrong = await rest(99_999);
    return !/is being sent/.test(wrong.json.detail);
  });
  assert.deepEqual([wrong.status, /go on at byte 100000/.test(wrong.json.detail)], [409, true]);
  const part = await web.call('PUT', url, BYTES.subarray(100_000, 200_000), {
    'Content-Range': `bytes 100000-199999/${BYTES.length}`,
  });
  assert.deepEqual(part.json, { name: 'talk.wav', bytes: 200_000, complete: false, sha256: null });
  const { status, json } = await rest(200_000);
  assert.deepEqual([status, json.sha256], [201, SHA256]);
  assert.deepEqual(readFileSync(path.join(folder(site, id), 'talk.wav')), BYTES);
});

test('who has not seen the newest content of a file does not replace it', async ({ web }) => {
  const id = await makeDraft(web);
  const url = fileUrl(id, 'talk.TextGrid');
  const put = (text: string, headers = {}) => web.call('PUT', url, text, headers);
  const tagOf = async () => (await web.call('GET', url)).headers.get('etag') ?? '';
  assert.equal((await put('one', { 'If-Match': '"x"' })).status, 412);
  assert.equal((await put('one', { 'If-None-Match': '*' })).status, 201);
  const former = await tagOf();
  assert.equal((await put('second', { 'If-Match': former })).status, 200);
  const late = await put('third', { 'If-Match': former });
  assert.deepEqual([late.status, late.json.code], [412, 'E_CONFLICT']);
  assert.equal((await put('third', { 'If-None-Match': '*' })).status, 412);
  assert.equal((await put('third', { 'If-Match': former.replaceAll('"', '') })).status, 400);
  assert.equal((await web.call('GET', url)).bytes.toString(), 'second');
  assert.equal((await put('third', { 'If-Match': await tagOf() })).status, 200);
});

test('a name that leads out of the folder, is hidden or is not an input is refused', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web);
  const names = [
    '..%2Fx.wav',
    'a%2F..%2F..%2Fx.wav',
    '%2Fetc%2Fx.wav',
    '.x.wav',
    '.unfinished%2Fx.wav',
    'a%00.wav',
    'a%5Cb.wav',
    'con.wav',
    'x.wav%20',
    'a/b/c/d/e/f/g/h/i.wav',
    'notes.pdf',
    'x',
  ];
  for (const name of names) {
    const { status, json } = await web.call('PUT', fileUrl(id, name), BYTES);
    assert.deepEqual([status, json.code], [422, 'E_PATH_KIND'], name);
  }
  assert.equal((await web.call('PUT', fileUrl(id, '%ff.wav'), BYTES)).status, 400);
  assert.deepEqual(
    readdirSync(site.uploadsDir).filter((name) => !name.startsWith('.autophon')),
    existsSync(path.join(site.uploadsDir, 'local')) ? ['local'] : [],
  );
});

test('more files or bytes than a task may have are refused before they are read', async ({ web }) => {
  const id = await makeDraft(web);
  const tooLong = await web.call('PUT', fileUrl(id, 'a.wav'), Buffer.alloc(1024 * 1024 + 1));
  assert.deepEqual([tooLong.status, tooLong.json.code], [413, 'E_LIMIT']);
  for (const n of [1, 2, 3, 4, 5])
    assert.equal((await web.call('PUT', fileUrl(id, `${n}.wav`), 'x')).status, 201);
  assert.equal((await web.call('PUT', fileUrl(id, '6.wav'), 'x')).json.code, 'E_LIMIT');
  assert.equal((await web.call('DELETE', fileUrl(id, '5.wav'))).status, 204);
  assert.equal((await web.call('DELETE', fileUrl(id, '5.wav'))).status, 404);
  assert.equal((await web.call('PUT', fileUrl(id, '6.wav'), 'x')).status, 201);
});

test('a file of a task that is full can be replaced by one that fits', async ({ web }) => {
  const id = await makeDraft(web);
  const putBytes = async (name: string, bytes: number) =>
    (await web.call('PUT', fileUrl(id, name), Buffer.alloc(bytes))).status;
  for (const n of [1, 2, 3, 4]) assert.equal(await putBytes(`${n}.wav`, 100_000), 201);
  assert.equal(await putBytes('5.wav', 1024 * 1024 - 400_000), 201);
  assert.equal(await putBytes('5.wav', 1024 * 1024 - 400_000), 200);
  assert.equal(await putBytes('5.wav', 1024 * 1024 - 399_999), 413);
  assert.equal(await putBytes('1.wav', 99_999), 200);
  assert.equal(await putBytes('5.wav', 1024 * 1024 - 399_999), 200);
});

test('files that have begun to arrive count, too, so that many files at once cannot exceed the limit of a task', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web);
  const begun = await web.call('PUT', fileUrl(id, 'a.wav'), BYTES, {
    'Content-Range': 'bytes 0-299999/900000',
  });
  assert.equal(begun.json.complete, false);
  const arriving = await Promise.all(
    ['b.wav', 'c.wav'].map((name) => beginUpload(web, fileUrl(id, name), 1000)),
  );
  for (const name of ['b.wav', 'c.wav'])
    await site.until(name, async () => (await offsetOf(web, fileUrl(id, name))) === 1000);
  const refused = await web.call('PUT', fileUrl(id, 'd.wav'), BYTES);
  assert.deepEqual([refused.status, refused.json.code], [413, 'E_LIMIT']);
  for (const request of arriving) request.destroy();
  for (const name of ['a.wav', 'b.wav', 'c.wav'])
    await site.until(
      `${name} to go`,
      async () => (await web.call('DELETE', fileUrl(id, name))).status === 204,
    );
  assert.equal((await web.call('PUT', fileUrl(id, 'd.wav'), BYTES)).status, 201);
});

test('a file that ends after its task was queued is refused, and leaves nothing', async ({ site, web }) => {
  const id = await makeDraft(web);
  const url = fileUrl(id, 'late.wav');
  const request = await beginUpload(web, url, 1000);
  await site.until('the beginning to arrive', async () => (await offsetOf(web, url)) === 1000);
  await site.sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_id = $1", [id]);
  request.end(BYTES.subarray(1000));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  assert.equal(response.statusCode, 409);
  assert.deepEqual(readdirSync(path.join(folder(site, id), '.unfinished')), []);
  assert.equal(existsSync(path.join(folder(site, id), 'late.wav')), false);
  assert.equal((await web.call('PUT', url, BYTES)).status, 409);
});

test('a length that is missing or does not fit is refused', async ({ web }) => {
  const id = await makeDraft(web);
  const ranges = ['bytes 0-10/5', 'bytes 5-1/10', 'bytes 0-9/*', 'bytes=0-9', 'bytes 0-3/10'];
  for (const range of ranges) {
    const { status } = await web.call('PUT', fileUrl(id, 'a.wav'), '0123456789', { 'Content-Range': range });
    assert.equal(status, 400, range);
  }
  const request = http.request(web.address + fileUrl(id, 'a.wav'), {
    method: 'PUT',
    headers: { 'Transfer-Encoding': 'chunked' },
  });
  request.end('x');
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  assert.equal(response.statusCode, 411);
});

test('a connection that does not answer is not asked for locks again', async ({ site }) => {
  // A slow server does not answer within a short limit either.
  const isNoAnswer = (error: Error) => (/timeout/.test(error.message) ? null : Promise.reject(error));
  const states = await withEnoughTime(
    async (limitSec) => {
      await using stack = new AsyncDisposableStack();
      const locks = new HeldLocks(site.url, limitSec * 1000);
      stack.defer(() => locks.stop());
      const held = await locks.take('one').catch(isNoAnswer);
      const { rows } = await site.sql.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
         WHERE application_name = 'autophon web locks' AND datname = current_database() ORDER BY backend_start DESC LIMIT 1`,
      );
      const pid = rows[0]?.pid;
      if (held === null || pid === undefined) return null;
      process.kill(pid, 'SIGSTOP');
      stack.defer(() => void process.kill(pid, 'SIGCONT'));
      await assert.rejects(locks.take('two'), /timeout/);
      const again = await locks.take('three').catch(isNoAnswer);
      return again === null ? null : [again.isLost, held.isLost];
    },
    (found) => found !== null,
  );
  assert.deepEqual(states, [false, true]);
});

/** Calls while the database takes no change of a task: its COMMIT fails. */
async function whileRefused<T>({ sql }: Site, act: () => Promise<T>): Promise<T> {
  await sql.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
    CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON tasks DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse()`);
  try {
    return await act();
  } finally {
    await sql.query('DROP TRIGGER refuse ON tasks; DROP FUNCTION refuse()');
  }
}

test('a file whose removal the database does not take stays', async ({ site, web }) => {
  const id = await makeDraft(web);
  const url = fileUrl(id, 'a.wav');
  await web.call('PUT', url, BYTES);
  assert.equal((await whileRefused(site, () => web.call('DELETE', url))).status, 500);
  assert.deepEqual((await web.call('GET', url)).bytes, BYTES);
  assert.equal((await web.call('DELETE', url)).status, 204);
  assert.equal((await web.call('GET', url)).status, 404);
  const task = (await web.call('GET', `/api/v1/tasks/${id}`)).json;
  assert.deepEqual([task.files, task.size_bytes], [0, 0]);
});

test('after a file that the database did not take, the next change of the draft counts all files again', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web);
  assert.equal((await whileRefused(site, () => web.call('PUT', fileUrl(id, 'a.wav'), BYTES))).status, 500);
  assert.equal((await web.call('PUT', fileUrl(id, 'b.wav'), BYTES)).status, 201);
  const task = (await web.call('GET', `/api/v1/tasks/${id}`)).json;
  assert.deepEqual([task.files, task.size_bytes], [2, 2 * BYTES.length]);
});

test('two servers do not write the same file at once', async ({ site, web }) => {
  await using other = await startWeb(site);
  const id = await makeDraft(web);
  const url = fileUrl(id, 'talk.wav');
  const request = await beginUpload(web, url, 100_000);
  await site.until('the beginning to arrive', async () => (await offsetOf(other, url)) === 100_000);
  for (const method of ['PUT', 'DELETE']) {
    const refused = await other.call(method, url, method === 'PUT' ? BYTES : undefined);
    assert.deepEqual([refused.status, /is being sent/.test(refused.json.detail)], [409, true], method);
  }
  request.destroy();
  const rest = () =>
    other.call('PUT', url, BYTES.subarray(100_000), {
      'Content-Range': `bytes 100000-${BYTES.length - 1}/${BYTES.length}`,
    });
  let answer = await rest();
  await site.until('the first server to notice', async () => {
    if (answer.status === 409) answer = await rest();
    return answer.status !== 409;
  });
  assert.deepEqual([answer.status, answer.json.sha256], [201, SHA256]);
});

test('a stopping server keeps what has arrived, and the next one goes on', async ({ site, web }) => {
  const id = await makeDraft(web);
  const url = fileUrl(id, 'talk.wav');
  await beginUpload(web, url, 100_000);
  await site.until('the beginning to arrive', async () => (await offsetOf(web, url)) === 100_000);
  await web.stop();
  await using next = await startWeb(site);
  assert.equal(await offsetOf(next, url), 100_000);
  const { json } = await next.call('PUT', url, BYTES.subarray(100_000), {
    'Content-Range': `bytes 100000-${BYTES.length - 1}/${BYTES.length}`,
  });
  assert.equal(json.sha256, SHA256);
});

test.run();
