import assert from 'node:assert/strict';
import http from 'node:http';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { Quota } from '../../src/tasks/quota.ts';
import { openSite } from '../../src/tasks/site.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site, transcript } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { startWeb, type Web } from '../../testing/web.ts';

interface Context {
  site: Site;
  web: Web;
}
const test = suite<Context>('disk space for the files of one user');
const KIB = 1024;
/** Of 100 KiB. */
const FILE = Buffer.alloc(100 * KIB);
const AUDIO = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) });

test.before.each(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site, { USER_QUOTA: '250K' });
});
test.after.each(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

async function makeDraft(web: Web, name: string): Promise<string> {
  return (await web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE, name })).json.id;
}
const put = (web: Web, id: string, name: string, bytes: Buffer | string) =>
  web.call('PUT', `/api/v1/tasks/${id}/files/${name}`, bytes);
const quotaOf = async (web: Web) => (await web.call('GET', '/api/v1/session')).json.quota;

test('a file that does not fit is refused, with what is used and what to delete', async ({ web }) => {
  const id = await makeDraft(web, 'tea');
  assert.deepEqual(await quotaOf(web), { used_bytes: 0, limit_bytes: 250 * KIB });
  for (const name of ['a.wav', 'b.wav']) assert.equal((await put(web, id, name, FILE)).status, 201);
  assert.equal((await quotaOf(web)).used_bytes, 200 * KIB);
  const other = await makeDraft(web, 'coffee');
  const { status, json } = await put(web, other, 'c.wav', FILE);
  assert.deepEqual([status, json.code], [413, 'E_LIMIT']);
  assert.equal(
    json.detail,
    `your files take 200 KiB of 250 KiB (USER_QUOTA), and 100 KiB more do not fit; delete tasks that you no longer need; the largest are tea (${id}): 200 KiB`,
  );
  assert.equal((await put(web, other, 'c.wav', FILE.subarray(0, 40 * KIB))).status, 201);
  await web.call('DELETE', `/api/v1/tasks/${id}`);
  assert.equal((await put(web, other, 'd.wav', FILE)).status, 201);
});

test('a file is replaced by one with which the sum still fits, also when several are replaced at once', async ({
  web,
}) => {
  const id = await makeDraft(web, 'tea');
  const names = ['a.wav', 'b.wav'];
  for (const name of names) assert.equal((await put(web, id, name, FILE)).status, 201);
  const answers = await Promise.all(names.map((name) => put(web, id, name, FILE)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await put(web, id, 'a.wav', Buffer.alloc(150 * KIB))).status, 200);
  const { status, json } = await put(web, id, 'b.wav', Buffer.alloc(101 * KIB));
  assert.equal(status, 413);
  assert.match(json.detail, /^your files take 250 KiB of 250 KiB \(USER_QUOTA\), and 1 KiB more do not fit/);
  assert.equal((await put(web, id, 'b.wav', FILE)).status, 200);
  assert.equal((await put(web, id, 'b.wav', FILE.subarray(0, 10))).status, 200);
});

test('of files that arrive at the same time, only as many are accepted as fit together', async ({ web }) => {
  const ids = await Promise.all([1, 2, 3, 4, 5].map((n) => makeDraft(web, String(n))));
  const answers = await Promise.all(ids.map((id) => put(web, id, 'a.wav', FILE)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 413, 413, 413]);
});

test('two files that come at once for one place count both until each has come', async ({ site }) => {
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const uploads = openSite(app.db, site.uploadsDir);
  const quota = new Quota({ db: app.db, uploads, limitBytes: 250 });
  const used = async () => (await quota.read('ann'))?.usedBytes;
  const first = await quota.reserve('ann', '1/talk.TextGrid', 100);
  const second = await quota.reserve('ann', '1/talk.TextGrid', 100);
  assert.equal(await used(), 200);
  await assert.rejects(quota.reserve('ann', '1/other.TextGrid', 100), { code: 'E_LIMIT' });
  first[Symbol.dispose]();
  assert.equal(await used(), 200);
  second[Symbol.dispose]();
});

test('files that have arrived in part count, too', async ({ site, web }) => {
  const id = await makeDraft(web, 'tea');
  const request = http.request(`${web.address}/api/v1/tasks/${id}/files/a.wav`, {
    method: 'PUT',
    headers: { 'Content-Length': 200 * KIB },
  });
  request.on('error', () => undefined);
  request.write(FILE);
  const arrived = async () =>
    Number((await web.call('HEAD', `/api/v1/tasks/${id}/files/a.wav`)).headers.get('upload-offset'));
  await site.until('some of it to be there', async () => (await arrived()) === FILE.length);
  // For a file that is still arriving: its whole size.
  await using other = await startWeb(site, { USER_QUOTA: '250K' });
  assert.equal((await put(web, await makeDraft(web, 'x'), 'b.wav', FILE)).status, 413);
  request.destroy();
  assert.equal((await quotaOf(other)).used_bytes, 100 * KIB);
  const second = await makeDraft(web, 'coffee');
  assert.equal((await put(other, second, 'b.wav', FILE)).status, 201);
  assert.equal((await put(other, second, 'c.wav', FILE)).status, 413);
});

test('results and corrections count, recordings no longer when they are deleted', async ({ site, web }) => {
  const id = await makeDraft(web, 'tea');
  await put(web, id, 'talk.wav', AUDIO);
  await put(web, id, 'talk.TextGrid', transcript('one two'));
  await web.call('POST', `/api/v1/tasks/${id}/queue`);
  const worker = await startInstance(site);
  await site.waitFor(id, 'completed').finally(() => undefined);
  await site.until('the audio to be deleted', async () => (await site.row(id)).stage === null);
  await worker.stop();
  const { result } = (await web.call('GET', `/api/v1/tasks/${id}`)).json;
  const given = Buffer.byteLength(transcript('one two'));
  await using other = await startWeb(site, { USER_QUOTA: '250K' });
  assert.equal((await quotaOf(other)).used_bytes, result.bytes + given);
  const correction = `/api/v1/tasks/${id}/corrections/talk.TextGrid`;
  const text = transcript('one');
  assert.equal((await other.call('PUT', correction, text)).status, 201);
  await using third = await startWeb(site, { USER_QUOTA: '250K' });
  assert.equal((await quotaOf(third)).used_bytes, result.bytes + given + text.length);
  // The same place again: only the difference counts.
  const long = transcript('a'.repeat(200 * KIB));
  for (const one of [long, long]) assert.equal((await third.call('PUT', correction, one)).status, 200);
  const many = transcript('a'.repeat(300 * KIB));
  const refused = await third.call('PUT', correction, many);
  assert.deepEqual([refused.status, refused.json.code], [413, 'E_LIMIT']);
  await third.call('DELETE', correction);
  await using last = await startWeb(site, { USER_QUOTA: '250K' });
  assert.equal((await quotaOf(last)).used_bytes, result.bytes + given);
});

test('without the setting there is no limit', async ({ site }) => {
  await using web = await startWeb(site);
  assert.equal(await quotaOf(web), null);
});

test.run();
