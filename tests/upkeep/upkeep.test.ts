import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import { listChores, takeChore } from '../../src/db/chores.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { type Chore, Upkeep } from '../../src/upkeep/upkeep.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';

const test = suite('chores');
let site: Site;
let db: Db;

test.before.each(async () => {
  site = await createSite();
  db = connect({ url: site.url, applicationName: 'autophon test', maxConnections: 2 });
});
test.after.each(async () => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

const chore = (name: string, run: Chore['run'], everySec = 0.05): Chore => ({
  name,
  everySec,
  isForAll: true,
  run,
});

test('a chore that hangs or always fails does not hold up the others, and does not run twice at a time', async () => {
  let hangs = 0;
  let done = 0;
  const enough = new EventTarget();
  const isDoneThrice = once(enough, 'done');
  const upkeep = new Upkeep({
    db: connect({ url: site.url, applicationName: 'upkeep', maxConnections: 2 }),
    instanceId: 'x',
    limitSec: 60,
    log: silentLog,
    chores: [
      // Only this one has a short limit: on a busy machine the others would be late, too.
      {
        ...chore('hangs', () => {
          hangs += 1;
          return new Promise(() => undefined);
        }),
        limitSec: 1,
      },
      chore('fails', () => Promise.reject(new Error('bad\0 luck'))),
      chore('works', async () => {
        if (++done === 3) enough.dispatchEvent(new Event('done'));
      }),
    ],
  });
  upkeep.start();
  await isDoneThrice;
  let last: [name: string, error: string | null, hasSucceeded: boolean][] = [];
  const expected: typeof last = [
    ['fails', 'bad\\x00 luck', false],
    ['hangs', 'not ended after 1 s', false],
    ['works', null, true],
  ];
  await site.until(
    () => `${JSON.stringify(expected)}, found ${JSON.stringify(last)}`,
    async () => {
      last = (await listChores(db)).map(({ name, error, succeeded_at }) => [
        name,
        error,
        succeeded_at !== null,
      ]);
      return isDeepStrictEqual(last.toSorted(), expected);
    },
  );
  await upkeep.stop();
  assert.equal(hangs, 1);
});

test('a chore that takes too long is told to stop, and is started again after that', async () => {
  const reasons: unknown[] = [];
  const isToldTwice = new EventTarget();
  const told = once(isToldTwice, 'told');
  const upkeep = new Upkeep({
    db: connect({ url: site.url, applicationName: 'upkeep', maxConnections: 2 }),
    instanceId: 'x',
    limitSec: 0.3,
    log: silentLog,
    chores: [
      chore('slow', async (signal) => {
        await once(signal, 'abort');
        if (reasons.push(signal.reason) === 2) isToldTwice.dispatchEvent(new Event('told'));
        signal.throwIfAborted();
      }),
    ],
  });
  upkeep.start();
  await told;
  await upkeep.stop();
  assert.deepEqual(
    reasons.slice(0, 2).map((reason) => reason instanceof Error && reason.message),
    ['not ended after 0.3 s', 'not ended after 0.3 s'],
  );
});

test('successes of chores of each instance are written often enough, so that they do not look late', async () => {
  let times = 0;
  const enough = new EventTarget();
  const isEnough = once(enough, 'done');
  const upkeep = new Upkeep({
    db: connect({ url: site.url, applicationName: 'upkeep', maxConnections: 2 }),
    instanceId: 'x',
    limitSec: 60,
    log: silentLog,
    chores: [
      {
        ...chore('own', async () => {
          times += 1;
          // What the first run wrote is made to look very old.
          if (times === 2) await site.sql.query("UPDATE chores SET succeeded_at = '-infinity'");
          if (times === 6) enough.dispatchEvent(new Event('done'));
        }),
        isForAll: false,
      },
    ],
  });
  upkeep.start();
  await isEnough;
  await upkeep.stop();
  const { rows } = await site.sql.query("SELECT name FROM chores WHERE succeeded_at > '-infinity'");
  assert.deepEqual(rows, [{ name: 'own' }]);
});

test('a chore that one instance does for all is done once, however many instances there are', async () => {
  const taken = await Promise.all([1, 2, 3, 4].map((n) => takeChore(db, 'for all', 60, String(n))));
  assert.equal(taken.filter(Boolean).length, 1);
  await site.sql.query("UPDATE chores SET run_at = now() - interval '31 seconds'");
  assert.equal(await takeChore(db, 'for all', 60, '5'), true);
});

test('a chore that hangs in the database keeps a worker neither from other work nor from stopping', async () => {
  await site.sql.query(`CREATE OR REPLACE FUNCTION requeue_tasks_without_job() RETURNS integer LANGUAGE sql
    AS $$ SELECT 0 FROM pg_sleep(45) $$`);
  const taskPath = await site.addFiles('ann', 'gone', 'one');
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path) VALUES ('gone', 'ann', 'x', $1)",
    [taskPath],
  );
  await site.sql.query("DELETE FROM tasks; UPDATE deleted_tasks SET deleted_at = now() - interval '1 hour'");
  const instance = await startInstance(site);
  await site.until(
    'the files of the deleted task to go',
    () => !existsSync(path.join(site.uploadsDir, taskPath)),
  );
  await site.waitFor(await site.addTask('one'), 'completed');
  await instance.stop();
  assert.equal(await instance.exited, 0);
});

test('psql shows which chore is late', async () => {
  await site.sql.query(`INSERT INTO chores (name, run_at, every_sec, succeeded_at) VALUES
    ('fresh', now(), 60, now()), ('old', now(), 60, now() - interval '10 minutes'), ('never', now(), 60, NULL)`);
  const { rows } = await site.sql.query('SELECT name FROM chore_health WHERE is_late');
  assert.deepEqual(rows, [{ name: 'never' }, { name: 'old' }]);
});

test.run();
