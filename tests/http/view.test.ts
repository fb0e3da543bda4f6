import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site, transcript } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { startWeb, type Web } from '../../testing/web.ts';
import { readGreyPng } from '../support/read-png.ts';

const test = suite<{ site: Site; web: Web; id: string }>('requests of the viewer');
const AUDIO = makeWav({ samples: sine(500, 16_000, 1) });
const KEEP = { KEEP_SOUND: '5000' };

test.before(async (context) => {
  const site = await createSite();
  const web = await startWeb(site, KEEP);
  const { json } = await web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE });
  const files = { 'talk.wav': AUDIO, 'talk.TextGrid': transcript('one two') };
  for (const [name, content] of Object.entries(files))
    await web.call('PUT', `/api/v1/tasks/${json.id}/files/day%201%2F${name}`, content);
  await web.call('POST', `/api/v1/tasks/${json.id}/queue`);
  const worker = await startInstance(site, KEEP);
  await site.waitFor(json.id, 'completed', 'failed').finally(() => worker.stop());
  Object.assign(context, { site, web, id: json.id });
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

const NAME = 'day%201%2Ftalk';
const get = ({ web, id }: { web: Web; id: string }, rest: string, headers = {}) =>
  web.call('GET', `/api/v1/tasks/${id}/view${rest}`, undefined, headers);

test('the recordings of a task, and until when they can be played', async (context) => {
  const { json } = await get(context, '');
  const { finished_at: finished } = await context.site.row(context.id);
  const until = new Date((finished as Date).getTime() + 5_000_000).toISOString();
  assert.deepEqual(json.recordings, [{ name: 'day 1/talk', seconds: 1, sound: { until, deleted_at: null } }]);
});

test('tiers, peaks and tiles of a recording in a folder', async (context) => {
  const tiers = await get(context, `/${NAME}/tiers`);
  assert.match(tiers.headers.get('content-type') ?? '', /^application\/json/);
  assert.deepEqual(
    tiers.json.tiers.map(({ role }: { role: string }) => role),
    ['phones', 'words', 'transcript'],
  );
  assert.equal((await get(context, `/${NAME}/peaks/0`)).bytes.length, 2 * 63);
  const tile = await get(context, `/${NAME}/spectrogram/0.png`);
  assert.equal(tile.headers.get('content-type'), 'image/png');
  assert.equal(readGreyPng(tile.bytes).width, 143);
});

test('a browser that has a tile is told that it is unchanged', async (context) => {
  const { headers } = await get(context, `/${NAME}/spectrogram/0.png`);
  const again = await get(context, `/${NAME}/spectrogram/0.png`, {
    'if-none-match': headers.get('etag') ?? '',
  });
  assert.deepEqual([again.status, again.bytes.length], [304, 0]);
});

test('the audio is played in parts', async (context) => {
  const whole = await get(context, `/${NAME}/sound`);
  assert.deepEqual([whole.status, whole.headers.get('content-type')], [200, 'audio/wav']);
  assert.deepEqual(whole.bytes, AUDIO);
  const part = await get(context, `/${NAME}/sound`, { range: 'bytes=100-199' });
  assert.deepEqual([part.status, part.bytes], [206, AUDIO.subarray(100, 200)]);
});

test('missing things are named: recordings, levels, tiles, numbers', async (context) => {
  for (const rest of ['/other/tiers', `/${NAME}/peaks/9`, `/${NAME}/spectrogram/1.png`, '/..%2Ftalk/sound']) {
    const { status, json } = await get(context, rest);
    assert.deepEqual([status, json.code], [404, 'E_NOT_FOUND'], rest);
  }
  assert.equal((await get(context, `/${NAME}/peaks/first`)).status, 400);
});

test('audio that was deleted is 410, with the time', async (context) => {
  const { site, id } = context;
  await site.sql.query(
    `UPDATE task_files SET deleted_at = '2026-01-02T03:04:05Z' WHERE kind = 'audio'
       AND task = (SELECT id FROM tasks WHERE task_id = $1)`,
    [id],
  );
  const { status, json } = await get(context, `/${NAME}/sound`);
  assert.equal(status, 410);
  assert.match(json.detail, /deleted at 2026-01-02T03:04:05/);
  const [recording] = (await get(context, '')).json.recordings;
  assert.deepEqual(recording.sound, { until: null, deleted_at: '2026-01-02T03:04:05.000Z' });
});

test('a result of an earlier version has nothing for the viewer', async (context) => {
  const { site, id } = context;
  const { download_path: zip } = await site.row(id);
  rmSync(path.join(site.uploadsDir, path.dirname(zip ?? ''), 'view'), { recursive: true });
  const { status, json } = await get(context, '');
  assert.equal(status, 404);
  assert.match(json.detail, /its zip has the result/);
});

test.run();
