import assert from 'node:assert/strict';
import http from 'node:http';
import { suite } from 'uvu';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site, transcript } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { startWeb, type Web } from '../../testing/web.ts';

interface Context {
  site: Site;
  web: Web;
  worker: Instance;
}
const test = suite<Context>('requests of scripts for WebMAUS');
const AUDIO = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) });
const ANSWER =
  /^<WebServiceResponseLink><success>(true|false)<\/success><downloadLink>(.*?)<\/downloadLink><output>(.*?)<\/output><warnings>(.*?)<\/warnings><\/WebServiceResponseLink>$/;

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
});
test.after(async ({ site, web, worker }) => {
  await worker?.stop();
  await web.stop();
  await site[Symbol.asyncDispose]();
});

type Part = readonly [content: Buffer | string, name: string];
const GOOD = { SIGNAL: [AUDIO, 'talk.wav'], TEXT: ['one two', 'words.txt'], LANGUAGE: 'eng-US' } as const;

/** Sends a request as curl -F does. */
async function run({ web }: Context, given: Readonly<Record<string, Part | string>>, root = '/services') {
  const form = new FormData();
  for (const [field, value] of Object.entries(given)) {
    if (typeof value === 'string') form.set(field, value);
    else form.set(field, new Blob([value[0] as string]), value[1]);
  }
  const response = await fetch(`${web.address}${root}/runMAUSBasic`, { method: 'POST', body: form });
  const text = await response.text();
  const [, success, link = '', output = '', warnings = ''] = ANSWER.exec(text) ?? [];
  return { status: response.status, text, success, link, output, warnings };
}
const countOf = async ({ site }: Context) => (await site.sql.query('SELECT FROM tasks')).rowCount;

test('without a worker the answer says so, and no task is left', async (context) => {
  const { status, success, output } = await run(context, GOOD);
  assert.deepEqual([status, success, await countOf(context)], [200, 'false', 0]);
  assert.match(output, /no worker is running/);
  const load = await context.web.call('GET', '/services/getLoadIndicator');
  assert.equal(load.bytes.toString(), '2');
});

test('a recording and a text of any two names come back as the link to one TextGrid', async (context) => {
  context.worker = await startInstance(context.site);
  for (const root of ['/services', '/BASWebServices/services']) {
    const { text, success, link } = await run(context, GOOD, root);
    assert.equal(success, 'true', text);
    assert.doesNotMatch(text, /\n|CDATA/);
    assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/[^&]*\/talk\.TextGrid$/);
    assert.match(await (await fetch(link)).text(), /^File type = "ooTextFile"/);
  }
  const load = await context.web.call('GET', '/services/getLoadIndicator');
  assert.equal(load.bytes.toString(), '0');
  const version = await context.web.call('GET', '/services/runGetVersion?service=runMAUSBasic');
  assert.match(version.bytes.toString(), /^Autophon \d/);
});

test('fields may come in any order, and the format is the requested one', async (context) => {
  const formats = { csv: /\/phones\.csv$/, par: /talk\.par$/, emuDB: /\/result$/ } as const;
  for (const [OUTFORMAT, end] of Object.entries(formats)) {
    const TEXT: Part = [transcript('one two'), 'talk.TextGrid'];
    const { text, link } = await run(context, {
      LANGUAGE: TRIVIAL_LANGUAGE,
      OUTFORMAT,
      USETRN: 'false',
      TEXT,
      SIGNAL: GOOD.SIGNAL,
    });
    assert.match(link, end, text);
    assert.equal((await fetch(link)).status, 200);
  }
});

test('faults are reported in the answer, and no task is left', async (context) => {
  const before = await countOf(context);
  const { TEXT: _, ...withoutText } = GOOD;
  const wrong: readonly [given: Readonly<Record<string, Part | string>>, said: RegExp][] = [
    [withoutText, /expected a file TEXT/],
    [{ ...GOOD, LANGUAGE: 'eng-UK' }, /no language "eng-UK"; did you mean eng-US\?/],
    [{ ...GOOD, LANGUAGE: '' }, /no language ""\. Known: eng-US/],
    [{ ...GOOD, OUTFORMAT: '<x>' }, /OUTFORMAT: expected TextGrid.*&lt;x&gt;/],
    [{ ...GOOD, TEXT: ['no grid', 'a.TextGrid'] }, /talk\.TextGrid.*/],
  ];
  for (const [given, said] of wrong) {
    const { status, success, link, output } = await run(context, given);
    assert.deepEqual([status, success, link], [200, 'false', '']);
    assert.match(output, said);
  }
  assert.equal(await countOf(context), before);
});

test('a name with a path is only a name', async (context) => {
  const { success, link, text } = await run(context, { ...GOOD, SIGNAL: [AUDIO, '../../.tricky&.wav'] });
  assert.equal(success, 'true', text);
  assert.match(link, /\/files\/[^/]+\/tricky%26\.TextGrid$/);
});

test('a form that is cut short, is not a form, or has a file twice is refused', async (context) => {
  const { web } = context;
  const head = '--x\r\nContent-Disposition: form-data; name="SIGNAL"; filename="a.wav"\r\n\r\nabc';
  const form = { 'Content-Type': 'multipart/form-data; boundary=x' };
  const post = (body: string, headers: Record<string, string>) =>
    web.call('POST', '/services/runMAUSBasic', body, headers);
  assert.equal((await post(head, form)).status, 400);
  assert.equal((await post(`${head}\r\n${head}\r\n--x--\r\n`, form)).status, 400);
  assert.equal((await post(head, { 'Content-Type': 'multipart/form-data' })).status, 400);
  assert.equal((await post('{}', { 'Content-Type': 'application/json' })).status, 415);
});

test('a client that leaves in the middle leaves nothing behind', async (context) => {
  const before = await countOf(context);
  const { port } = new URL(context.web.address);
  const request = http.request({
    port,
    method: 'POST',
    path: '/services/runMAUSBasic',
    headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
  });
  request.on('error', () => undefined);
  request.write('--x\r\nContent-Disposition: form-data; name="SIGNAL"; filename="a.wav"\r\n\r\nabc');
  await new Promise((resolve) => request.once('socket', (socket) => socket.once('connect', resolve)));
  request.destroy();
  assert.equal((await run(context, GOOD)).success, 'true');
  assert.equal(await countOf(context), (before ?? 0) + 1);
});

test.run();
