import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { addToken } from '../../src/tasks/web-tokens.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { makeWav } from '../../testing/wav.ts';
import { startWeb, type Web } from '../../testing/web.ts';

interface Context {
  site: Site;
  web: Web;
  worker: Instance | undefined;
}
const test = suite<Context>('requests of scripts for Gentle');
const AUDIO = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) });
const TEXT = 'One, two!';

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
});
test.after(async ({ site, web, worker }) => {
  await worker?.stop();
  await web.stop();
  await site[Symbol.asyncDispose]();
});

type Given = Readonly<Record<string, string | readonly [content: Buffer | string, name: string]>>;

/** Sends a request as `curl -F` and Python's requests do. */
function post({ web }: Context, given: Given, query = '', more: RequestInit = {}) {
  const form = new FormData();
  for (const [field, value] of Object.entries(given)) {
    if (typeof value === 'string') form.set(field, value);
    else form.set(field, new Blob([value[0] as string]), value[1]);
  }
  return fetch(`${web.address}/transcriptions${query}`, { method: 'POST', body: form, ...more });
}
const GOOD: Given = { audio: [AUDIO, 'talk.wav'], transcript: [TEXT, 'words.txt'] };
const countOf = async ({ site }: Context) => (await site.sql.query('SELECT FROM tasks')).rowCount;

test('a client that waits is told when no worker runs, and no task is left', async (context) => {
  const response = await post(context, GOOD, '?async=false');
  const { error, code, detail } = (await response.json()) as Record<string, string>;
  assert.deepEqual([response.status, code, error], [409, 'E_CONFLICT', detail]);
  assert.match(error ?? '', /no worker is running/);
  assert.equal(await countOf(context), 0);
});

test('users are not told why workers do not take it, since the reason names machines and folders', async ({
  site,
  web,
}) => {
  await site.sql.query(`INSERT INTO instances (id, host, pid, version, slots, engines, seen_at)
    VALUES (gen_random_uuid(), 'secret-host', 1, '1', 1, '{"TRIVIAL": {"state": "sick", "version": null, "note": "/secret"}}',
            now() + interval '1 hour')`);
  const response = await post({ site, web, worker: undefined }, GOOD, '?async=false');
  const { error } = (await response.json()) as { error: string };
  assert.match(error, /^no worker that runs now can align with TRIVIAL; try again later/);
  assert.doesNotMatch(error, /secret/);
  await site.sql.query('DELETE FROM instances');
});

test('a client that waits gets the words with their times, phones and places in the text', async (context) => {
  context.worker = await startInstance(context.site);
  // The text as a file, and as a field.
  for (const transcript of [GOOD['transcript'] ?? '', TEXT]) {
    const response = await post(context, { ...GOOD, transcript }, '?async=false&conservative=true');
    assert.equal(response.status, 200, await response.clone().text());
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    const { transcript: text, words } = (await response.json()) as {
      transcript: string;
      words: Record<string, number & string & { phone: string; duration: number }[]>[];
    };
    assert.equal(text, TEXT);
    assert.deepEqual(
      words.map(({ case: how, word, startOffset, endOffset }) => [how, word, startOffset, endOffset]),
      [
        ['success', 'One', 0, 3],
        ['success', 'two', 5, 8],
      ],
    );
    // As clients read it.
    for (const { start = 0, end = 0, phones = [] } of words) {
      assert.ok(end > start);
      const sum = phones.reduce((all, { duration }) => all + duration, 0);
      assert.ok(Math.abs(sum - (end - start)) < 0.005, `${sum} ${end - start}`);
      assert.match(phones.map(({ phone }) => phone).join(' '), /^[a-z]+_B( [a-z]+_I)* [a-z]+_E$/);
    }
  }
});

test('a client that does not wait is redirected to the future files, and gets the progress there', async (context) => {
  const { web, site } = context;
  const first = await post(context, GOOD, '', { redirect: 'manual' });
  assert.equal(first.status, 302);
  assert.match(first.headers.get('location') ?? '', /^\/transcriptions\/[0-9a-f-]+$/);
  // Most clients follow it.
  const response = await post(context, GOOD, '?async=true');
  assert.equal(response.status, 200);
  assert.match(response.url, /\/transcriptions\/[0-9a-f-]+\/$/);
  assert.match(await response.text(), /<a href="\/tasks\/[0-9a-f-]+">/);
  const ask = async (name: string) => await fetch(new URL(name, response.url));
  await site.until('the status OK', async () => {
    const { status } = (await (await ask('status.json')).json()) as { status: string };
    assert.ok(['STARTED', 'ENCODING', 'TRANSCRIBING', 'ALIGNING', 'OK'].includes(status), status);
    return status === 'OK';
  });
  const { words } = (await (await ask('align.json')).json()) as { words: { start: number; end: number }[] };
  const table = await ask('align.csv');
  assert.match(table.headers.get('content-type') ?? '', /^text\/csv/);
  const [one, two] = words;
  assert.equal(
    await table.text(),
    `One,one,${one?.start},${one?.end}\r\ntwo,two,${two?.start},${two?.end}\r\n`,
  );
  assert.equal((await web.call('GET', '/transcriptions/never/status.json')).status, 404);
});

test('before its end there is no alignment; a task that failed says why', async (context) => {
  const { web, site, worker } = context;
  await worker?.stop();
  context.worker = undefined;
  const { headers } = await post(context, GOOD, '', { redirect: 'manual' });
  const at = headers.get('location') ?? '';
  assert.equal((await web.call('GET', `${at}/align.json`)).status, 404);
  assert.deepEqual((await web.call('GET', `${at}/status.json`)).json, { status: 'STARTED' });
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [at.split('/').at(-1)]);
  const { json } = await web.call('GET', `${at}/status.json`);
  assert.equal(json.status, 'ERROR');
  assert.ok(json.error.length > 0);
});

test('faults are reported, and no task is left', async (context) => {
  const before = await countOf(context);
  const { audio = '' } = GOOD;
  const wrong: readonly [given: Given, status: number, said: RegExp][] = [
    [{ audio }, 400, /expected a form with audio.*transcript/],
    [{ transcript: TEXT }, 400, /expected a form with audio/],
    [{ audio, transcript: ' \n' }, 400, /transcript is empty/],
    [{ audio, transcript: [Buffer.from([0x41, 0xff, 0xfe, 0xfd]), 'a.txt'] }, 422, /line 1/],
    [{ audio: ['no sound', 'talk.wav'], transcript: TEXT }, 422, /talk\.wav/],
  ];
  for (const [given, status, said] of wrong) {
    const response = await post(context, given);
    const { error } = (await response.json()) as { error: string };
    assert.equal(response.status, status, error);
    assert.match(error, said);
  }
  const noForm = await context.web.call('POST', '/transcriptions?async=false', {});
  assert.equal(noForm.status, 415);
  assert.equal(await countOf(context), before);
});

test('a task that was made in another way has no alignment of this kind', async ({ site, web }) => {
  const id = await site.addTask('one two');
  assert.equal((await web.call('GET', `/transcriptions/${id}/align.json`)).status, 404);
});

test('only its user gets an alignment', async (context) => {
  const { site } = context;
  await using web = await startWeb(site, { WEB_MODE: 'token' });
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const as = async (user: string) => ({
    Authorization: `Bearer ${(await addToken(app.db, user, 'user')).token}`,
  });
  const [ann, bob] = [await as('ann'), await as('bob')];
  const made = await post({ ...context, web }, GOOD, '', { headers: ann, redirect: 'manual' });
  const at = made.headers.get('location') ?? '';
  for (const name of ['', '/', '/status.json', '/align.json', '/align.csv']) {
    assert.equal((await web.call('GET', at + name, undefined, bob)).status, 404, name);
    assert.equal((await web.call('GET', at + name)).status, 401, name);
  }
  assert.equal((await web.call('GET', `${at}/status.json`, undefined, ann)).status, 200);
  assert.equal((await post({ ...context, web }, GOOD)).status, 401);
});

test.run();
