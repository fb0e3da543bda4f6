import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { ROUTES } from '../../src/http/routes.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site, transcript } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { startWeb, type Web } from '../../testing/web.ts';

interface Context {
  site: Site;
  web: Web;
}
const test = suite<Context>('versions of tasks, and changes of one version only');
const AUDIO = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) });

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

async function makeDraft(web: Web): Promise<string> {
  const { id } = (await web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE })).json;
  await web.call('PUT', `/api/v1/tasks/${id}/files/talk.wav`, AUDIO);
  await web.call('PUT', `/api/v1/tasks/${id}/files/talk.TextGrid`, transcript('one two'));
  return id;
}
const at = (id: string, action = '') => `/api/v1/tasks/${id}${action}`;
const tagOf = async (web: Web, path: string) => (await web.call('GET', path)).headers.get('etag') ?? '';
const known = async (web: Web, path: string, tag: string) =>
  (await web.call('GET', path, undefined, { 'If-None-Match': tag })).status === 304;

test('a client that has the newest version of a task or a list does not get it again', async ({
  site,
  web,
}) => {
  const id = await makeDraft(web);
  const list = '/api/v1/tasks?limit=5';
  const [task, tasks] = [await tagOf(web, at(id)), await tagOf(web, list)];
  assert.match(task, /^"[^"]+"$/);
  const again = await web.call('GET', at(id), undefined, { 'If-None-Match': `"other", W/${task}` });
  assert.deepEqual([again.status, again.bytes.length, again.headers.get('etag')], [304, 0, task]);
  assert.ok(await known(web, list, tasks));
  const changed = await web.call('PATCH', at(id), { name: 'tea' });
  assert.equal(changed.headers.get('etag'), await tagOf(web, at(id)));
  assert.notEqual(changed.headers.get('etag'), task);
  assert.ok(!(await known(web, at(id), task)) && !(await known(web, list, tasks)));
  // Who changed it.
  const before = await tagOf(web, list);
  await site.sql.query("UPDATE tasks SET name = 'coffee' WHERE task_id = $1", [id]);
  assert.ok(!(await known(web, list, before)));
  assert.ok(!(await known(web, '/api/v1/tasks?limit=5&user=nobody', before)));
});

test('a waiting task has a new version when its place in the queue changes', async ({ web }) => {
  const [first, second] = [await makeDraft(web), await makeDraft(web)];
  for (const id of [first, second]) await web.call('POST', at(id, '/queue'));
  const [tag, list] = [await tagOf(web, at(second)), await tagOf(web, '/api/v1/tasks')];
  assert.ok((await known(web, at(second), tag)) && (await known(web, '/api/v1/tasks', list)));
  assert.equal((await web.call('DELETE', at(first))).status, 204);
  assert.ok(!(await known(web, at(second), tag)) && !(await known(web, '/api/v1/tasks', list)));
  // Its own row has not changed.
  const moved = await web.call('PATCH', at(second), { priority: 3 }, { 'If-Match': tag });
  assert.equal(moved.status, 200, moved.bytes.toString());
  await web.call('DELETE', at(second));
});

test('a change is made to the version that the client has seen, or not at all', async ({ web }) => {
  const id = await makeDraft(web);
  const old = await tagOf(web, at(id));
  const change = (method: string, action: string, tag: string, body?: unknown) =>
    web.call(method, at(id, action), body, { 'If-Match': tag });
  const good = await change('PATCH', '', old, { name: 'tea' });
  assert.deepEqual([good.status, good.json.name], [200, 'tea']);
  const refused: readonly [method: string, action: string, body?: unknown][] = [
    ['PATCH', '', { name: 'coffee' }],
    ['POST', '/queue'],
    ['POST', '/cancel'],
    ['POST', '/retry'],
    ['DELETE', ''],
  ];
  for (const [method, action, body] of refused) {
    const { status, json } = await change(method, action, old, body);
    assert.deepEqual([status, json.code], [412, 'E_CONFLICT'], `${method} ${action}`);
    const unclear = await change(method, action, 'abc', body);
    assert.deepEqual([unclear.status, unclear.json.code], [400, 'E_USAGE'], `${method} ${action}`);
  }
  const { json: still } = await web.call('GET', at(id));
  assert.deepEqual([still.name, still.status], ['tea', 'uploading']);
  const now = async () => await tagOf(web, at(id));
  assert.equal((await change('POST', '/queue', await now())).json.status, 'uploaded');
  assert.equal((await change('POST', '/cancel', await now())).json.status, 'cancelled');
  assert.equal((await change('POST', '/retry', await now())).json.status, 'uploaded');
  assert.equal((await change('DELETE', '', await now())).status, 204);
});

test('each route that takes a condition refuses one that cannot be read', async ({ web }) => {
  const id = await makeDraft(web);
  const conditional = ROUTES.filter(({ headers }) =>
    headers?.some((name) => name === 'If-Match' || name === 'If-None-Match'),
  );
  assert.ok(conditional.length >= 12);
  for (const { method, path, headers = [] } of conditional) {
    // For what does not exist, the condition of a read is not checked.
    if (method === 'GET' && !/tasks(\/:id)?$/.test(path)) continue;
    const address = path.replace(':id', id).replace(':lang', TRIVIAL_LANGUAGE).replace('*name', 'x.TextGrid');
    for (const header of headers) {
      const { status, json } = await web.call(method, address, method === 'GET' ? undefined : {}, {
        [header]: 'abc',
      });
      assert.deepEqual([status, json.code], [400, 'E_USAGE'], `${method} ${path} ${header}`);
    }
  }
  await web.call('DELETE', at(id));
});

test('of two clients that change the same version at the same moment, one is refused', async ({
  site,
  web,
}) => {
  await using other = await startWeb(site);
  const id = await makeDraft(web);
  for (let round = 0; round < 5; round++) {
    const tag = await tagOf(web, at(id));
    const answers = await Promise.all(
      [web, other, web, other].map((server, n) =>
        server.call('PATCH', at(id), { name: `${round} ${n}` }, { 'If-Match': tag }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  }
  await web.call('DELETE', at(id));
});

test('a finished task keeps its version', async ({ site, web }) => {
  const id = await makeDraft(web);
  await web.call('POST', at(id, '/queue'));
  const waiting = await tagOf(web, at(id));
  const worker = await startInstance(site);
  await site.waitFor(id, 'completed').finally(() => worker.stop());
  const done = await tagOf(web, at(id));
  assert.notEqual(done, waiting);
  assert.ok(await known(web, at(id), done));
  assert.equal(await tagOf(web, at(id)), done);
});

test.run();
