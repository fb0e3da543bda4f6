import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { sign } from '../../src/deliveries/signature.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { type Receiver, startReceiver } from '../../testing/receiver.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli } from '../cli/run-cli.ts';

const test = suite<{ site: Site; receiver: Receiver; env: Record<string, string> }>('webhooks of workers');
const key = randomBytes(32);

test.before.each(async (context) => {
  context.site = await createSite();
  context.receiver = await startReceiver();
  const secretPath = path.join(context.site.dir, 'secret');
  await writeFile(secretPath, `whsec_${key.toString('base64')}\n`);
  context.env = {
    WEBHOOK_HOSTS: context.receiver.origin,
    WEBHOOK_NETWORKS: '127.0.0.1',
    WEBHOOK_SECRET: secretPath,
    PUBLIC_URL: 'https://align.example.org/',
  };
});
test.after.each(async ({ site, receiver }) => {
  await receiver[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** A task with a webhook, as an application adds it. @returns the task_id */
async function addTask({ site, receiver }: { site: Site; receiver: Receiver }, text: string) {
  const taskPath = await site.addFiles('ann', 'talk', text);
  const { rows } = await site.sql.query<{ task_id: string }>(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status, name, notify_url)
     VALUES ('ann', 'engUS_TRIVIAL_v010', $1, 'uploaded', 'interview', $2) RETURNING task_id`,
    [taskPath, `${receiver.origin}/aligned?secret=1`],
  );
  return rows[0]?.task_id ?? '';
}
const readDeliveries = async (site: Site) =>
  (await site.sql.query('SELECT kind, status, state, attempts, answer FROM deliveries ORDER BY id')).rows;

test('a receiver is told of the end of a task, signed, with links and without any words of the transcript', async (context) => {
  const { site, receiver, env } = context;
  const worker = await startInstance(site, env);
  const taskId = await addTask(context, 'one two');
  const [request] = await receiver.received(1);
  assert.ok(request !== undefined);
  assert.equal(`${request.method} ${request.path}`, 'POST /aligned?secret=1');
  const row = await site.waitFor(taskId, 'completed');
  assert.deepEqual(JSON.parse(request.body), {
    type: 'task.completed',
    timestamp: (row['finished_at'] as Date).toISOString(),
    data: {
      id: taskId,
      user: 'ann',
      name: 'interview',
      status: 'completed',
      error_code: null,
      links: {
        page: `https://align.example.org/tasks/${taskId}`,
        task: `https://align.example.org/api/v1/tasks/${taskId}`,
        result: `https://align.example.org/api/v1/tasks/${taskId}/result`,
      },
    },
  });
  const {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  } = request.headers;
  assert.equal(signature, sign([key], String(id), Number(timestamp), request.body));
  const sent = await worker.event('delivery.sent');
  assert.equal(sent['host'], new URL(receiver.origin).host);
  assert.ok(!JSON.stringify(worker.events).includes('secret=1'));
  assert.deepEqual(await readDeliveries(site), [
    { kind: 'webhook', status: 'completed', state: 'delivered', attempts: 1, answer: 'HTTP 204 No Content' },
  ]);
  const { stdout } = await runCli(['show', taskId], site.env);
  assert.match(stdout, /\n {2}http:\S+ +completed +delivered +1 .* HTTP 204 No Content\n/);
  await worker.stop();
});

/** Makes waiting tasks, each with its own webhook, and cancels them. */
async function endTasks({ site, receiver }: { site: Site; receiver: Receiver }, paths: readonly string[]) {
  await site.sql.query(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status, notify_url)
     SELECT 'ann', 'engUS_NONE_v010', 'ann/upl/x', 'uploaded', $1 || path FROM unnest($2::text[]) AS path`,
    [receiver.origin, paths],
  );
  await site.sql.query('UPDATE tasks SET cancel_requested = true');
}
/** As if the time until the next attempt had passed. */
const hurry = (site: Site) =>
  site.sql.query("UPDATE deliveries SET next_at = now() WHERE state = 'waiting'; NOTIFY autophon_delivery");

test('a receiver that fails is told again, with the same bytes and the same id', async (context) => {
  const { site, env } = context;
  const statuses = [500, 204];
  await using receiver = await startReceiver((response) => response.writeHead(statuses.shift() ?? 404).end());
  const worker = await startInstance(site, { ...env, WEBHOOK_HOSTS: receiver.origin });
  await endTasks({ site, receiver }, ['/a']);
  const { attempt, answer } = await worker.event('delivery.failed');
  assert.deepEqual([attempt, answer], [1, 'HTTP 500 Internal Server Error']);
  const { rows } = await site.sql.query(
    'SELECT state, extract(epoch FROM next_at - now())::float8 AS in_sec FROM deliveries',
  );
  assert.equal(rows[0].state, 'waiting');
  assert.ok(rows[0].in_sec > 0 && rows[0].in_sec <= 11, String(rows[0].in_sec));
  // The current status of the task does not matter.
  await site.sql.query("UPDATE tasks SET name = 'renamed'");
  await hurry(site);
  await worker.event('delivery.sent');
  const [first, second] = receiver.requests;
  assert.deepEqual(
    [second?.body, second?.headers['webhook-id']],
    [first?.body, first?.headers['webhook-id']],
  );
  await worker.stop();
});

test('a message that a worker was sending when it was killed is sent again by another one, under the same id', async (context) => {
  const { site, env } = context;
  let worker: Instance | null = null;
  await using receiver = await startReceiver((response) => {
    // The receiver has received it, but that was not recorded.
    if (receiver.requests.length === 1) worker?.kill('SIGKILL');
    else response.end();
  });
  const allowed = { ...env, WEBHOOK_HOSTS: receiver.origin };
  worker = await startInstance(site, allowed);
  await endTasks({ site, receiver }, ['/a']);
  await worker.exited;
  const { rows } = await site.sql.query(
    'SELECT state, attempts, next_at > now() AS is_leased FROM deliveries',
  );
  assert.deepEqual(rows, [{ state: 'waiting', attempts: 1, is_leased: true }]);
  const other = await startInstance(site, allowed);
  await hurry(site);
  await other.event('delivery.sent');
  await other.stop();
  const [first, second, ...more] = receiver.requests.map(({ headers, body }) => [
    headers['webhook-id'],
    body,
  ]);
  assert.deepEqual([second, more], [first, []]);
});

test('several workers send each message once, and one of them two at a time, not to the same host', async (context) => {
  const { site, env } = context;
  const open: string[] = [];
  const ids: unknown[] = [];
  let most = 0;
  let isAlone = true;
  const startOne = (name: string) =>
    startReceiver(async (response, { headers }) => {
      ids.push(headers['webhook-id']);
      if (isAlone) assert.ok(!open.includes(name), name);
      open.push(name);
      if (isAlone) most = Math.max(most, open.length);
      // A worker that has both places free uses both, however slow it is.
      await site.until('a second request to come', () => !isAlone || most === 2);
      setTimeout(() => {
        open.splice(open.indexOf(name), 1);
        response.end();
      }, 20);
    });
  await using first = await startOne('first');
  await using second = await startOne('second');
  await using third = await startOne('third');
  const receivers = [first, second, third];
  const settings = { ...env, WEBHOOK_HOSTS: receivers.map(({ origin }) => origin).join(',') };
  const one = await startInstance(site, settings);
  const paths = Array.from({ length: 20 }, (_, n) => `/${n}`);
  for (const receiver of receivers) await endTasks({ site, receiver }, paths);
  await site.until('half of them to come', () => ids.length >= 30);
  assert.equal(most, 2);
  isAlone = false;
  const other = await startInstance(site, settings);
  // A worker that stops breaks off what is not recorded yet, and the other one sends that again.
  await site.until('all to be recorded', async () =>
    (await readDeliveries(site)).every(({ state }) => state === 'delivered'),
  );
  await Promise.all([one.stop(), other.stop()]);
  assert.equal(new Set(ids).size, 60);
  assert.equal(ids.length, 60);
});

test('a worker that is stopped aborts its requests, and others may send the messages at once', async (context) => {
  const { site, env } = context;
  await using receiver = await startReceiver(() => undefined);
  const worker = await startInstance(site, { ...env, WEBHOOK_HOSTS: receiver.origin });
  await endTasks({ site, receiver }, ['/a']);
  await receiver.received(1);
  await worker.stop();
  const { rows } = await site.sql.query('SELECT state, next_at <= now() AS is_due, answer FROM deliveries');
  assert.deepEqual(rows, [{ state: 'waiting', is_due: true, answer: 'broken off: the worker stopped' }]);
});

test('deleting a task while its receiver is told is not a fault', async (context) => {
  const { site, env } = context;
  const deleted = Promise.withResolvers<void>();
  await using receiver = await startReceiver(async (response) => {
    await site.sql.query('DELETE FROM tasks');
    response.end();
    deleted.resolve();
  });
  const worker = await startInstance(site, { ...env, WEBHOOK_HOSTS: receiver.origin });
  await endTasks({ site, receiver }, ['/a']);
  await deleted.promise;
  await worker.event('delivery.sent');
  assert.deepEqual(await readDeliveries(site), []);
  await worker.stop();
});

test('the program of the site is run for each end while a worker has it', async ({ site, env }) => {
  const program = path.join(site.dir, 'tell');
  await writeFile(program, '#!/bin/sh\ncat >> "$HOME/told"\n', { mode: 0o755 });
  const worker = await startInstance(site, { DONE_COMMAND: program, HOME: site.dir });
  const taskId = await site.addTask('one two');
  await worker.event('delivery.sent');
  const told = JSON.parse(await readFile(path.join(site.dir, 'told'), 'utf8'));
  assert.deepEqual([told.type, told.data.id, told.data.links], ['task.completed', taskId, null]);
  assert.deepEqual(await readDeliveries(site), [
    { kind: 'command', status: 'completed', state: 'delivered', attempts: 1, answer: 'exit 0' },
  ]);
  await worker.stop();
  // Its program is still due, and workers without a program do not run it.
  const other = await startInstance(site, env);
  await site.addTask('three');
  await other.event('task.completed');
  await other.stop();
  assert.equal((await readDeliveries(site)).at(-1).state, 'waiting');
});

test.run();
