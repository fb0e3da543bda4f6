import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { sign } from '../../src/deliveries/signature.ts';
import { startInstance } from '../../testing/instance.ts';
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

test('a receiver is told of the end of a task, signed, with links and without what was said', async (context) => {
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

test.run();
