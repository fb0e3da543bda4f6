import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import type { Role } from '../../src/base/role.ts';
import { readConfig } from '../../src/config.ts';
import { addToken } from '../../src/tasks/web-tokens.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import { startWeb, type Web, type WebAnswer } from '../../testing/web.ts';
import { valuesOf } from '../support/exposition.ts';

interface Context {
  site: Site;
  web: Web;
  tokens: Record<Role, string>;
}
const test = suite<Context>("monitoring of the page's server");

test.before(async (context) => {
  const site = await createSite();
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const tokenOf = async (role: Role) => (await addToken(app.db, role, role)).token;
  const web = await startWeb(site, { WEB_MODE: 'token' });
  const tokens = {
    user: await tokenOf('user'),
    viewer: await tokenOf('viewer'),
    operator: await tokenOf('operator'),
  };
  Object.assign(context, { site, web, tokens });
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

test('it tells every client whether it is alive and ready, under any host name: a probe only knows its address', async ({
  site,
  web,
}) => {
  for (const [path, said] of [
    ['/livez', 'alive\n'],
    ['/readyz', 'ok database\nok notifications\n'],
  ] as const) {
    let found: unknown;
    await site.until(
      () => `${path} to say ${said}, it said ${found}`,
      async () => {
        const request = get(`${web.address}${path}`, { headers: { Host: '10.1.2.3:8017' } });
        const [answer] = (await once(request, 'response')) as [IncomingMessage];
        found = await text(answer);
        return answer.statusCode === 200 && found === said;
      },
    );
  }
});

/**
 * The figures, from an answer that has those of the site. The database of a busy machine may need longer than the server
 * waits for it here.
 */
async function figuresFor({ site, web }: Pick<Context, 'site' | 'web'>, token?: string) {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const ask = async () => {
    const answer: WebAnswer = await web.call('GET', '/metrics', undefined, headers);
    return { ...answer, values: valuesOf(answer.bytes.toString()) };
  };
  let figures = await ask();
  await site.until('figures of the site', async () => {
    if (figures.values.get('autophon_database_up') === 0) figures = await ask();
    return figures.values.get('autophon_database_up') !== 0;
  });
  return figures;
}

test('figures of the site are for users who may see all tasks, and not for pages of other hosts', async ({
  site,
  web,
  tokens,
}) => {
  const ask = (token: string) => figuresFor({ site, web }, token);
  for (const role of ['viewer', 'operator'] as const) {
    const { status, headers, values } = await ask(tokens[role]);
    assert.deepEqual(
      [status, headers.get('content-type')],
      [200, 'text/plain; version=0.0.4; charset=utf-8'],
    );
    assert.equal(values.get('autophon_tasks{scope="site",status="uploaded"}'), 0);
  }
  assert.equal((await ask(tokens.user)).status, 403);
  assert.equal((await ask('no-token')).status, 401);
  assert.equal((await web.call('GET', '/metrics')).status, 401);
  const headers = { Host: 'evil.example.org', Authorization: `Bearer ${tokens.operator}` };
  const [answer] = (await once(get(`${web.address}/metrics`, { headers }), 'response')) as [IncomingMessage];
  answer.resume();
  assert.equal(answer.statusCode, 421);
});

test('a worker that an operator has paused is not counted as ready, and one of whose engines is paused is', async ({
  site,
  web,
  tokens,
}) => {
  await site.sql.query(`INSERT INTO instances (id, host, pid, version, slots, paused, seen_at)
    SELECT id, 'h', 1, '1', 2, paused, now() + interval '1 hour'
    FROM (VALUES ('a', NULL), ('b', 'the disk is full'), ('c', NULL)) AS workers (id, paused)`);
  const workers = async () => {
    const { values: found } = await figuresFor({ site, web }, tokens.viewer);
    return ['ready', 'paused', 'paused_by_operator'].map((state) =>
      found.get(`autophon_workers{scope="site",state="${state}"}`),
    );
  };
  assert.deepEqual(await workers(), [2, 1, 0]);
  await site.sql.query(`INSERT INTO pauses (engine) VALUES ('MFA2')`);
  assert.deepEqual(await workers(), [2, 1, 0]);
  await site.sql.query(`INSERT INTO pauses (instance, is_drain) VALUES ('a', true)`);
  assert.deepEqual(await workers(), [1, 1, 1]);
  await site.sql.query(`INSERT INTO pauses (reason) VALUES ('the whole site')`);
  assert.deepEqual(await workers(), [0, 0, 3]);
  await site.sql.query('DELETE FROM pauses; DELETE FROM instances');
});

test('messages that no receiver has taken for minutes are counted', async ({ site, web, tokens }) => {
  const late = async () => {
    const { values } = await figuresFor({ site, web }, tokens.viewer);
    return values.get('autophon_deliveries_late{scope="site"}');
  };
  assert.equal(await late(), 0);
  const notifyUrl = 'https://app.example.org/done';
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, notify_url)
     VALUES ('told', 'ann', 'engUS_MFA2_v010', 'ann/upl/told', 'uploaded', $1)`,
    [notifyUrl],
  );
  await site.sql.query(`UPDATE tasks SET task_status = 'cancelled' WHERE task_id = 'told'`);
  assert.equal(await late(), 0);
  await site.sql.query(`UPDATE deliveries SET ended_at = now() - interval '6 minutes'`);
  assert.equal(await late(), 1);
});

test('while the database is away, a token that was valid before gets the figures of the process, and no other token does', async ({
  site,
  tokens,
}) => {
  const url = new URL(site.url);
  const { port } = url;
  await using proxy = await startTcpProxy(() => Number(port));
  url.port = String(proxy.port);
  await using web = await startWeb(site, { WEB_MODE: 'token', DATABASE_URL: url.href });
  const ask = (token: string) => web.call('GET', '/metrics', undefined, { Authorization: `Bearer ${token}` });
  assert.equal((await ask(tokens.viewer)).status, 200);
  assert.equal((await ask(tokens.user)).status, 403);
  const accept = proxy.refuse();
  proxy.reset();
  const { status, bytes } = await ask(tokens.viewer);
  assert.equal(status, 200, bytes.toString());
  const found = valuesOf(bytes.toString());
  assert.equal(found.get('autophon_database_up'), 0);
  assert.ok((found.get('process_resident_memory_bytes') ?? 0) > 0);
  assert.deepEqual(
    [...found.keys()].filter((sample) => sample.includes('scope="site"')),
    [],
  );
  for (const token of [tokens.user, tokens.operator, 'no-token'])
    assert.ok([401, 503].includes((await ask(token)).status), token);
  accept();
  await site.until('it to be let in again', async () => (await ask(tokens.operator)).status === 200);
  await site.sql.query("DELETE FROM web_tokens WHERE user_uuid = 'operator'");
  assert.equal((await ask(tokens.operator)).status, 401);
  // Connections that are silent, not closed: the answer comes within the time that a scraper waits.
  const goOn = proxy.stall();
  assert.equal((await ask(tokens.viewer)).status, 200);
  goOn();
});

test('in the mode local every user of this machine may read them', async ({ site }) => {
  await using local = await startWeb(site);
  const { status, values } = await figuresFor({ site, web: local });
  assert.deepEqual([status, values.get('autophon_database_up')], [200, 1]);
});

test.run();
