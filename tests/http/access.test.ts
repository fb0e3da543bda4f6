import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import type { Role } from '../../src/base/role.ts';
import { readConfig } from '../../src/config.ts';
import { deleteTokens } from '../../src/db/web-tokens.ts';
import type { Route } from '../../src/http/route.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { addToken } from '../../src/tasks/web-tokens.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { startWeb, type Web } from '../../testing/web.ts';

interface Context {
  site: Site;
  web: Web;
  app: Awaited<ReturnType<typeof openApp>>;
  ann: string;
  bob: string;
  viewer: string;
  operator: string;
  /** Ann's token. */
  taskId: string;
}
const test = suite<Context>('who may use the page');
const LOOK = '/api/v1/session';

test.before(async (context) => {
  const site = await createSite();
  const web = await startWeb(site, {
    WEB_MODE: 'token',
    WEB_HOSTS: 'lab.example.org',
    WEB_PROXIES: '127.0.0.2',
  });
  const app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const tokenOf = async (user: string, role: Role) => (await addToken(app.db, user, role)).token;
  Object.assign(context, {
    site,
    web,
    app,
    ann: await tokenOf('ann', 'user'),
    bob: await tokenOf('bob', 'user'),
    viewer: await tokenOf('eve', 'viewer'),
    operator: await tokenOf('olga', 'operator'),
  });
  const made = await call(context, 'POST', '/api/v1/tasks', context.ann, { lang: TRIVIAL_LANGUAGE });
  assert.equal(made.status, 201, made.bytes.toString());
  context.taskId = made.json.id;
});
test.after(async ({ site, web, app }) => {
  await web.stop();
  await app[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const call = ({ web }: Context, method: string, path: string, token: string, body?: unknown) =>
  web.call(method, path, body, bearer(token));

/** Requests a route for Ann's task and returns the status. The body is not read, because a stream does not end. */
async function ask({ web, taskId }: Context, route: Route, token: string | null): Promise<number> {
  const path = route.path.replace(':id', taskId).replace(/[:*]\w+/g, 'x');
  const abort = new AbortController();
  const { status } = await fetch(web.address + path, {
    method: route.method,
    headers: token === null ? {} : bearer(token),
    signal: abort.signal,
  });
  abort.abort();
  return status;
}
const labelOf = ({ method, path }: Route) => `${method} ${path}`;
const REFUSED = [401, 403];

test('each route is for the roles that it names, and a user without rights finds no task', async (context) => {
  for (const route of ROUTES.filter(({ about }) => about !== 'entrance')) {
    assert.equal(await ask(context, route, null), 401, labelOf(route));
  }
  for (const route of ROUTES) {
    if (route.about === 'entrance') continue;
    const [stranger, viewer] = [
      await ask(context, route, context.bob),
      await ask(context, route, context.viewer),
    ];
    if (['oversee', 'operate'].includes(route.may)) assert.equal(stranger, 403, labelOf(route));
    else if (route.about === 'task') assert.equal(stranger, 404, labelOf(route));
    else assert.ok(!REFUSED.includes(stranger), `${labelOf(route)}: ${stranger}`);
    if (!['look', 'oversee'].includes(route.may)) assert.equal(viewer, 403, labelOf(route));
    else assert.ok(!REFUSED.includes(viewer), `${labelOf(route)}: ${viewer}`);
  }
});

test('a route that names a task is about that task, and viewers may use no route that changes something', () => {
  for (const route of ROUTES) {
    assert.equal(route.about === 'task', /\/(tasks|transcriptions)\/:id/.test(route.path), labelOf(route));
    if (route.about === 'entrance') assert.match(route.path, /\/(login|logout)$/);
    else if (!['GET', 'HEAD'].includes(route.method)) {
      assert.ok(route.may !== 'look' || /\/check$/.test(route.path), labelOf(route));
    }
  }
});

test('a user sees only own tasks, whatever the request asks for; viewers and operators see all', async (context) => {
  const listed = async (token: string, query = '') =>
    (await call(context, 'GET', `/api/v1/tasks${query}`, token)).json.tasks.length;
  assert.deepEqual([await listed(context.bob), await listed(context.bob, '?user=ann')], [0, 0]);
  assert.deepEqual(
    [await listed(context.ann), await listed(context.viewer), await listed(context.operator)],
    [1, 1, 1],
  );
});

test('routes that show the tasks of all, or the machines of the service, are not for users', async (context) => {
  const { site, ann, viewer } = context;
  await site.sql.query(`INSERT INTO engines (name, state, note) VALUES ('MFA9', 'ready', '/opt/mfa9')`);
  for (const path of ['/api/v1/instances', '/api/v1/statistics']) {
    const refused = await call(context, 'GET', path, ann);
    assert.deepEqual([refused.status, refused.json.code], [403, 'E_NOT_ALLOWED'], path);
    assert.equal((await call(context, 'GET', path, viewer)).status, 200, path);
  }
  const enginesFor = async (token: string) =>
    (await call(context, 'GET', '/api/v1/engines', token)).json.engines.find(
      ({ name }: { name: string }) => name === 'MFA9',
    );
  const shown = await enginesFor(ann);
  assert.deepEqual([shown.state, shown.note], ['ready', undefined]);
  assert.equal((await enginesFor(viewer)).note, '/opt/mfa9');
});

test('without a token the answer says how to sign in; with one, who it is', async (context) => {
  const { status, json, headers } = await context.web.call('GET', LOOK);
  assert.deepEqual([status, json.code, json.mode], [401, 'E_NOT_ALLOWED', 'token']);
  assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
  const { json: session } = await call(context, 'GET', LOOK, context.viewer);
  assert.deepEqual([session.user, session.role, session.mode], ['eve', 'viewer', 'token']);
});

test('a browser keeps a token in a cookie that no script and no other site can use, and gives it back', async (context) => {
  const { web, ann } = context;
  const { headers, json } = await web.call('POST', '/api/v1/login', { token: ann });
  assert.deepEqual(json, { user: 'ann', role: 'user' });
  const cookie = headers.get('set-cookie') ?? '';
  assert.match(cookie, /^autophon_token=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
  const kept = { Cookie: `other=1; ${cookie.split(';')[0]}` };
  assert.equal((await web.call('GET', LOOK, undefined, kept)).json.user, 'ann');
  const change = (more: Record<string, string>) =>
    web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE }, { ...kept, ...more });
  // A request with a cookie needs a proof that a page of ours sent it.
  for (const foreign of [
    {},
    { Origin: 'http://evil.example' },
    { 'Sec-Fetch-Site': 'cross-site' },
  ] as const) {
    assert.equal((await change(foreign)).status, 403, JSON.stringify(foreign));
  }
  assert.equal((await change({ 'Sec-Fetch-Site': 'same-origin' })).status, 201);
  assert.equal((await change({ Origin: web.address })).status, 201);
  // A request with a token in its header does not: no other page knows the token.
  assert.equal((await change({ ...bearer(ann), Origin: 'http://evil.example' })).status, 201);
  const left = await web.call('POST', '/api/v1/logout', undefined, { ...kept, Origin: web.address });
  assert.match(left.headers.get('set-cookie') ?? '', /^autophon_token=; .*Max-Age=0/);
});

test('a foreign page cannot sign a user in', async ({ web, ann }) => {
  const foreign = await web.call('POST', '/api/v1/login', { token: ann }, { Origin: 'http://evil.example' });
  assert.deepEqual([foreign.status, foreign.headers.get('set-cookie')], [403, null]);
});

test('errors of the server are reported without its folders', async (context) => {
  const { site, taskId, ann } = context;
  const marker = path.join(site.uploadsDir, '.autophon-site');
  await call(context, 'GET', `/api/v1/tasks/${taskId}/files`, ann);
  const id = readFileSync(marker, 'utf8');
  writeFileSync(marker, 'of another site');
  const { status, json, headers, bytes } = await call(context, 'GET', `/api/v1/tasks/${taskId}/files`, ann);
  writeFileSync(marker, id);
  assert.deepEqual([status, json.code], [503, 'E_UPLOADS']);
  assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  assert.ok(!bytes.includes(site.dir), bytes.toString());
});

test('only operators see folders of the server in the log of a task', async (context) => {
  const { site, taskId, ann, viewer, operator } = context;
  const logsDir = site.env['LOGS'] ?? '';
  mkdirSync(path.join(logsDir, 'tasks'), { recursive: true });
  const written = `reads ${site.uploadsDir}/ann/upl/x/é.wav\nin ${site.tempDir}`;
  writeFileSync(path.join(logsDir, 'tasks/a.log'), written);
  await site.sql.query("UPDATE tasks SET log_path = 'tasks/a.log' WHERE task_id = $1", [taskId]);
  const log = (token: string, from = 0) =>
    call(context, 'GET', `/api/v1/tasks/${taskId}/log?from=${from}`, token);
  for (const token of [ann, viewer]) {
    const { bytes, headers } = await log(token);
    assert.equal(bytes.toString(), 'reads UPLOADS/ann/upl/x/é.wav\nin TEMP_DIR');
    assert.equal(headers.get('x-log-end'), String(Buffer.byteLength(written)));
  }
  assert.equal((await log(operator)).bytes.toString(), written);
  // From the middle of a path on.
  assert.equal((await log(ann, 10)).bytes.toString(), '/ann/upl/x/é.wav\nin TEMP_DIR');
});

test('only operators see them in the errors of a task, too', async (context) => {
  const { site, ann, operator } = context;
  const id = await site.addTask('one', { user: 'ann' });
  const said = `its last line was "no ${site.tempDir}/x.wav"`;
  await site.sql.query(
    `UPDATE tasks SET task_status = 'failed', error_code = 'E_ENGINE_FAILED', error_message = $2 WHERE task_id = $1`,
    [id, said],
  );
  const messageFor = async (token: string) =>
    (await call(context, 'GET', `/api/v1/tasks/${id}`, token)).json.error.message;
  assert.deepEqual(
    [await messageFor(operator), await messageFor(ann)],
    [said, 'its last line was "no TEMP_DIR/x.wav"'],
  );
  const { tasks } = (await call(context, 'GET', '/api/v1/tasks', ann)).json;
  assert.ok(!JSON.stringify(tasks).includes(site.tempDir));
});

test('only operators see the whole URL of the webhook for all tasks', async (context) => {
  const { site, ann, viewer, operator } = context;
  const url = 'https://app.example.org/secret';
  await site.sql.query("INSERT INTO webhooks VALUES ('*', $1)", [url]);
  const id = await site.addTask('one', { user: 'ann' });
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [id]);
  const urlFor = async (token: string) =>
    (await call(context, 'GET', `/api/v1/tasks/${id}/history`, token)).json.deliveries[0].url;
  assert.deepEqual(
    [await urlFor(operator), await urlFor(viewer), await urlFor(ann)],
    [url, 'https://app.example.org', 'https://app.example.org'],
  );
  await site.sql.query('DELETE FROM webhooks');
});

test('the server reads little from a client that is not signed in', async (context) => {
  const long = { token: 'x', y: 'y'.repeat(10_000) };
  assert.equal((await context.web.call('POST', '/api/v1/login', long)).status, 413);
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`field${n}`, 1]));
  const { status, json } = await call(context, 'POST', '/api/v1/tasks', context.ann, many);
  assert.deepEqual([status, json.faults.length], [400, 100]);
});

test('a token that was removed is refused at once, and a browser forgets it', async ({ web, app }) => {
  const { id, token } = await addToken(app.db, 'ann', 'user');
  assert.deepEqual(await deleteTokens(app.db, [id, '999999']), [id]);
  const refused = await web.call('GET', LOOK, undefined, { Cookie: `autophon_token=${token}` });
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('set-cookie') ?? '', /Max-Age=0/);
});

test('only the hash of a token is kept, and the day of its last use', async ({ site, ann }) => {
  const { rows } = await site.sql.query(
    "SELECT *, hash = sha256($1::bytea) AS is_hash FROM web_tokens WHERE user_uuid = 'ann'",
    [Buffer.from(ann)],
  );
  assert.deepEqual(
    rows.map(({ is_hash, used_on }) => [is_hash, used_on !== null]),
    [[true, true]],
  );
  assert.doesNotMatch(JSON.stringify(rows), new RegExp(ann));
});

test('a client that tries many tokens must wait; a client with a valid one need not', async (context) => {
  const wrong = `autophon_${'x'.repeat(43)}`;
  // Each few seconds one more try is allowed.
  const afterMany = async (ask: () => ReturnType<Web['call']>) => {
    let last = await ask();
    for (let tries = 0; tries < 40 && last.status === 401; tries++) last = await ask();
    return last;
  };
  const last = await afterMany(() => call(context, 'GET', LOOK, wrong));
  assert.deepEqual([last.status, last.json.code], [429, 'E_LIMIT']);
  assert.match(last.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  const login = await afterMany(() => context.web.call('POST', '/api/v1/login', { token: wrong }));
  assert.equal(login.status, 429);
  assert.equal((await call(context, 'GET', LOOK, context.ann)).status, 200);
});

test('a proxy names the user, and says whether the request came by https', async ({ site }) => {
  await using web = await startWeb(site, {
    WEB_MODE: 'proxy',
    WEB_PROXIES: '10.0.0.1, 127.0.0.0/8',
    WEB_USER_HEADER: 'X-Who',
    WEB_OPERATORS: 'olga',
  });
  const named = (name: string) => web.call('GET', LOOK, undefined, { 'X-Who': name });
  assert.deepEqual([(await named('ann')).json.role, (await named('olga')).json.role], ['user', 'operator']);
  const nobody = await web.call('GET', LOOK);
  assert.deepEqual([nobody.status, nobody.json.mode], [401, 'proxy']);
  for (const name of ['../ann', 'ann, olga', 'a b']) assert.equal((await named(name)).status, 403, name);
  assert.equal((await web.call('POST', '/api/v1/login', { token: 'x' })).status, 404);
});

test('a user name from any other address is not accepted', async ({ site }) => {
  await using web = await startWeb(site, {
    WEB_MODE: 'proxy',
    WEB_PROXIES: '10.0.0.1',
    WEB_OPERATORS: 'olga',
  });
  for (const headers of [
    {},
    { 'X-Remote-User': 'olga' },
    { 'X-Remote-User': 'olga', 'X-Forwarded-For': '10.0.0.1' },
  ]) {
    const { status, json } = await web.call('GET', LOOK, undefined, headers as Record<string, string>);
    assert.equal(status, 403);
    assert.match(json.detail, /127\.0\.0\.1 is not in WEB_PROXIES/);
  }
});

test('behind a proxy with https the cookie is for https alone', async ({ site, ann }) => {
  await using web = await startWeb(site, { WEB_MODE: 'token', WEB_PROXIES: '127.0.0.1' });
  const cookieBy = async (headers: Record<string, string>) =>
    (await web.call('POST', '/api/v1/login', { token: ann }, headers)).headers.get('set-cookie') ?? '';
  assert.match(await cookieBy({ 'X-Forwarded-Proto': 'https' }), /; Secure$/);
  assert.doesNotMatch(await cookieBy({ 'X-Forwarded-Proto': 'http' }), /Secure/);
});

test.run();
