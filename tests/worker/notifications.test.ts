import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { suite } from 'uvu';
import { WITHDRAWN_CHANNEL } from '../../src/db/listen.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { assertTook } from '../../testing/time-limits.ts';

const NOT_ALLOWED = '42501';
const LONGEST_PAYLOAD = 7_999;
const NOISE_AT_ONCE = 500;
const NOISE_PAUSE_MS = 50;
/** Far more than a query takes, far less than the time until a heartbeat. */
const SOON_MS = 3_000;

const test = suite('notifications');
const stranger = `autophon_test_stranger_${randomBytes(4).toString('hex')}`;
const password = randomBytes(12).toString('hex');
let site: Site;
let instance: Instance;
/** A login without rights on our tables. */
let hand: pg.Client;

const mayMakeRoles = await makeSite();
const withRoles = mayMakeRoles ? test : test.skip;
if (!mayMakeRoles) console.error('the role of the tests may not make roles: those tests are left out');

test.before(async () => {
  // Heartbeats also find cancelled tasks; the tests must not see that.
  instance = await startInstance(site, { HEARTBEAT: '20', ALIGNMENT_WORKERS: '3' });
});
test.after(async () => {
  await instance.stop();
  if (mayMakeRoles) {
    await hand.end();
    await site.sql.query(`DROP ROLE ${stranger}`);
  }
  await site[Symbol.asyncDispose]();
});

withRoles('a login without any right ends no attempt, whatever it sends; a cancel ends its own', async () => {
  const kept = await startHanging();
  const cancelled = await startHanging();
  await assert.rejects(hand.query('SELECT id FROM tasks'), { code: NOT_ALLOWED });
  const { id } = await site.row(kept);
  for (const payload of ['', '0', '-1', '1 or 1=1', 'x'.repeat(LONGEST_PAYLOAD), id]) await notify(payload);
  for (let n = 1; n <= 50; n++) await notify(String(n));
  await site.sql.query(`UPDATE tasks SET task_status = 'cancelled' WHERE task_id = $1`, [cancelled]);
  await lost(cancelled);
  assert.equal(
    instance.events.filter(({ event, taskId }) => event === 'task.lost' && taskId === kept).length,
    0,
  );
  const row = await site.row(kept);
  assert.deepEqual([row.task_status, row.fence, row.crashes], ['processing', 1, 0]);
  await cancel(kept);
});

test('a cancelled task is given up at once', async () => {
  const elapsedMs = await cancel(await startHanging());
  await assertTook('giving it up', elapsedMs, SOON_MS);
});

withRoles(
  'amid ten thousand false notifications a second a task is begun, cancelled and another one completed',
  async () => {
    const noise = makeNoise();
    try {
      const hanging = await site.addTask('hang');
      const { waitedSec } = await instance.event('task.started', ({ taskId }) => taskId === hanging);
      await assertTook('its begin', Number(waitedSec) * 1000, SOON_MS);
      await instance.event('engine.started', ({ taskId }) => taskId === hanging);
      const elapsedMs = await cancel(hanging);
      await assertTook('giving it up', elapsedMs, SOON_MS);
      assert.equal(
        (await site.waitFor(await site.addTask('one'), 'completed', 'failed')).task_status,
        'completed',
      );
    } finally {
      await noise.stop();
    }
  },
);

test.run();

async function makeSite(): Promise<boolean> {
  site = await createSite();
  try {
    await site.sql.query(`CREATE ROLE ${stranger} LOGIN PASSWORD '${password}'`);
  } catch (error) {
    if ((error as { code?: string }).code !== NOT_ALLOWED) throw error;
    return false;
  }
  const url = new URL(site.url);
  url.username = stranger;
  url.password = password;
  hand = new pg.Client(url.href);
  await hand.connect();
  return true;
}

async function startHanging(): Promise<string> {
  const taskId = await site.addTask('hang');
  await instance.event('engine.started', (event) => event['taskId'] === taskId);
  return taskId;
}

async function notify(payload: string): Promise<void> {
  await hand.query('SELECT pg_notify($1, $2)', [WITHDRAWN_CHANNEL, payload]);
}

async function lost(taskId: string): Promise<void> {
  await instance.event('task.lost', (event) => event['taskId'] === taskId);
}

/** @returns after how many milliseconds the instance had ended the attempt */
async function cancel(taskId: string): Promise<number> {
  const startedAtMs = performance.now();
  await site.sql.query(`UPDATE tasks SET task_status = 'cancelled' WHERE task_id = $1`, [taskId]);
  await lost(taskId);
  return performance.now() - startedAtMs;
}

/** Sends different payloads on both channels, because the server would merge equal ones. */
function makeNoise(): { stop(): Promise<void> } {
  let isWanted = true;
  const sending = (async () => {
    while (isWanted) {
      await hand.query(
        `SELECT pg_notify(channel, n::text) FROM unnest(ARRAY[$1, work_channel()]) AS channel, generate_series(1, $2) AS n`,
        [WITHDRAWN_CHANNEL, NOISE_AT_ONCE / 2],
      );
      await new Promise((resolve) => setTimeout(resolve, NOISE_PAUSE_MS));
    }
  })();
  return {
    stop: async () => {
      isWanted = false;
      await sending;
    },
  };
}
