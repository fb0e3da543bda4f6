import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { connect, type Db } from '../../src/db/connect.ts';
import { claimDelivery, forgetDeliveries, giveUpDeliveries, noteAttempt } from '../../src/db/deliveries.ts';
import { createSite, type Site } from '../../testing/site.ts';

const test = suite<{ site: Site; db: Db }>('deliveries in the database');

test.before(async (context) => {
  context.site = await createSite();
  context.db = connect({ url: context.site.url, applicationName: 'autophon test', maxConnections: 2 });
});
test.before.each(async ({ site }) => {
  await site.sql.query('DELETE FROM tasks; DELETE FROM webhooks; DELETE FROM instances');
});
test.after(async ({ site, db }) => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

async function add({ sql }: Site, user: string, notifyUrl: string | null = null): Promise<string> {
  const { rows } = await sql.query<{ id: string }>(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status, notify_url)
     VALUES ($1::text, 'engUS_SPHINX_v010', $1::text || '/upl/x', 'uploaded', $2) RETURNING id`,
    [user, notifyUrl],
  );
  return rows[0]?.id ?? '';
}
const change = ({ sql }: Site, id: string, columns: string) =>
  sql.query(`UPDATE tasks SET ${columns} WHERE id = ${id}`);
const cancel = (site: Site) => site.sql.query('UPDATE tasks SET cancel_requested = true');
const read = async ({ sql }: Site, columns: string) =>
  (await sql.query({ text: `SELECT ${columns} FROM deliveries ORDER BY id`, rowMode: 'array' })).rows;
const FAILED = "task_status = 'failed', error_code = 'E_IO', error_message = 'the disk'";
const OPTIONS = { withoutUrls: [], leaseSec: 60, maxAttempts: 2, makeBody: () => 'body' };

test('the URL of the task counts, then that of its user, then that of all', async ({ site }) => {
  for (const user of ['ann', 'ben', 'cat', 'dan'])
    await add(site, user, user === 'ann' ? 'https://a/task' : null);
  await add(site, 'ann');
  await site.sql.query("INSERT INTO webhooks VALUES ('ann', 'https://a/user'), ('ben', 'https://b/user')");
  await cancel(site);
  assert.deepEqual(await read(site, 'url'), [['https://a/task'], ['https://b/user'], ['https://a/user']]);
  await site.sql.query("INSERT INTO webhooks VALUES ('*', 'https://all/')");
  for (const user of ['ann', 'dan']) await add(site, user);
  await cancel(site);
  assert.deepEqual((await read(site, 'url')).slice(3), [['https://a/user'], ['https://all/']]);
});

test('there is one for each end, with the way it ended, and none for a change that is not an end', async ({
  site,
}) => {
  const id = await add(site, 'ann', 'https://a/');
  const claim = "task_status = 'processing', fence = fence + 1, instance = 'i', started_at = now()";
  await change(site, id, claim);
  await change(site, id, "task_status = 'uploaded', error_code = 'E_IO', error_message = 'once more'");
  await change(site, id, claim);
  await change(site, id, FAILED);
  await change(site, id, "task_status = 'uploaded'");
  await cancel(site);
  await change(site, id, "task_status = 'uploaded'");
  await change(site, id, claim);
  await change(site, id, "task_status = 'completed', download_path = 'x.zip'");
  await change(site, id, "stage = NULL, name = 'tea'");
  await change(site, id, "task_status = 'expired'");
  const expired = await add(site, 'ann', 'https://a/');
  await change(site, expired, "task_status = 'expired'");
  assert.deepEqual(await read(site, 'status, error_code'), [
    ['failed', 'E_IO'],
    ['cancelled', null],
    ['completed', null],
  ]);
});

test('the program of the site is told while a worker that has it was seen in the last day', async ({
  site,
}) => {
  const seen = (ago: string) =>
    site.sql.query(`INSERT INTO instances (id, host, pid, version, slots, engines, seen_at, runs_done_command)
      VALUES ('${ago}', 'h', 1, 'v', 1, '{}', now() - interval '${ago}', true)`);
  await seen('25 hours');
  await add(site, 'ann');
  await cancel(site);
  assert.deepEqual(await read(site, 'kind, url'), []);
  await seen('23 hours');
  await add(site, 'ann', 'https://a/');
  await cancel(site);
  assert.deepEqual(await read(site, 'kind, url'), [
    ['webhook', 'https://a/'],
    ['command', null],
  ]);
});

test('a text that is not a URL is refused by its rule', async ({ site }) => {
  for (const url of ['', 'ftp://a/', 'https://', 'https://a b/', 'https://a/\n', 'javascript:alert(1)'])
    await assert.rejects(add(site, 'ann', url), { constraint: 'notify_url_is_a_web_address' }, url);
  await assert.rejects(add(site, 'ann', `https://${'a'.repeat(2000)}`), {
    constraint: 'notify_url_has_at_most_2000_characters',
  });
  await assert.rejects(site.sql.query("INSERT INTO webhooks VALUES ('a/b', 'https://a/')"), {
    constraint: 'webhook_user_is_a_plain_name',
  });
});

test('an attempt whose lease ran out writes nothing once another one has begun', async ({ site, db }) => {
  await add(site, 'ann', 'https://a/');
  await cancel(site);
  const claim = () => claimDelivery(db, { ...OPTIONS, kinds: ['webhook'] });
  const first = await claim();
  assert.ok(first !== null);
  assert.equal(await claim(), null);
  await site.sql.query('UPDATE deliveries SET next_at = now()');
  const second = await claim();
  assert.ok(second !== null);
  assert.deepEqual([first.attempt, second.attempt, second.messageId], [1, 2, first.messageId]);
  assert.equal(await noteAttempt(db, first, 'given up', 'too late'), false);
  assert.equal(await noteAttempt(db, second, 'delivered', 'HTTP 200 OK'), true);
  assert.equal(await noteAttempt(db, second, 'waiting', 'twice'), false);
  assert.deepEqual(await read(site, 'state, answer'), [['delivered', 'HTTP 200 OK']]);
});

test('a worker takes only what it can send', async ({ site, db }) => {
  await add(site, 'ann', 'https://a/');
  await cancel(site);
  assert.equal(await claimDelivery(db, { ...OPTIONS, kinds: ['command'] }), null);
  assert.equal(
    await claimDelivery(db, { ...OPTIONS, kinds: ['webhook'], withoutUrls: ['https://a/'] }),
    null,
  );
});

test('while a message is sent to a host, only messages for other hosts are taken', async ({ site, db }) => {
  const isTaken = async (url: string, while_: string) => {
    await site.sql.query('DELETE FROM tasks');
    await add(site, 'ann', url);
    await cancel(site);
    return (await claimDelivery(db, { ...OPTIONS, kinds: ['webhook'], withoutUrls: ['', while_] })) !== null;
  };
  for (const url of [
    'https://a/2',
    'https://a',
    'https://a?task=2',
    'https://A/1',
    'https://a\\2',
    'https://a#2',
  ])
    assert.equal(await isTaken(url, 'https://a/1'), false, url);
  for (const url of ['https://b/1', 'https://a.b/1', 'https://a:8443/1', 'http://a/1'])
    assert.equal(await isTaken(url, 'https://a/1'), true, url);
});

test('a delivery that no worker sends for days, or whose last attempt kills its worker, is given up and says why', async ({
  site,
  db,
}) => {
  for (const path of ['new', 'old', 'tried', 'died', 'running']) await add(site, 'ann', `https://a/${path}`);
  await cancel(site);
  const set = (path: string, columns: string) =>
    site.sql.query(`UPDATE deliveries SET ${columns} WHERE url = 'https://a/${path}'`);
  await set('old', "next_at = now() - interval '8 days'");
  await set('tried', "next_at = now() - interval '8 days', attempts = 1, answer = 'HTTP 500'");
  await set('died', "next_at = now() - interval '1 minute', attempts = 2");
  await set('running', "next_at = now() + interval '1 minute', attempts = 2");
  const given = await giveUpDeliveries(db, { afterDays: 7, maxAttempts: 2 });
  assert.equal(given.length, 3);
  assert.deepEqual(await read(site, 'url, state, answer, finished_at <= now()'), [
    ['https://a/new', 'waiting', null, null],
    [
      'https://a/old',
      'given up',
      'no worker could send it within 7 days: the settings for it are missing',
      true,
    ],
    ['https://a/tried', 'given up', 'HTTP 500', true],
    ['https://a/died', 'given up', 'the worker ended before it had an answer', true],
    ['https://a/running', 'waiting', null, null],
  ]);
});

test('old deliveries are removed in parts, and waiting ones never', async ({ site, db }) => {
  for (let n = 0; n < 5; n++) await add(site, 'ann', `https://a/${n}`);
  await cancel(site);
  await site.sql.query(`UPDATE deliveries SET state = 'delivered', finished_at = now() - interval '40 days'
    WHERE url <> 'https://a/4'`);
  await site.sql.query("UPDATE deliveries SET finished_at = now() WHERE url = 'https://a/3'");
  assert.equal(await forgetDeliveries(db, 30, 2), true);
  assert.equal(await forgetDeliveries(db, 30, 2), false);
  assert.deepEqual(await read(site, 'url'), [['https://a/3'], ['https://a/4']]);
});

test.run();
