import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { doPartOfAction, failAction, findAction, forgetOldActions } from '../../src/db/actions.ts';
import { connect } from '../../src/db/connect.ts';
import { NO_FILTER } from '../../src/http/filter.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { startWeb, type Web } from '../../testing/web.ts';

const test = suite<{ site: Site; web: Web }>('actions on all tasks that match');

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

const partsOf = (site: Site) => {
  const db = connect({ url: site.url, maxConnections: 1, applicationName: 'parts of actions' });
  return Object.assign(db, { [Symbol.asyncDispose]: () => db.destroy() });
};

/** Makes tasks of a user, and gives each some statuses in turn. */
async function addTasks(site: Site, user: string, count: number, ...statuses: readonly string[]) {
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path)
     SELECT $1 || '-' || gen_random_uuid(), $1, 'engUS_TRIVIAL_v010', $1 || '/upl/x' FROM generate_series(1, $2)`,
    [user, count],
  );
  for (const status of statuses) {
    await site.sql.query(
      `UPDATE tasks SET task_status = $2,
         error_code = CASE WHEN $2 = 'failed' THEN 'E_ENGINE_FAILED' END, error_message = CASE WHEN $2 = 'failed' THEN 'no' END
       WHERE user_uuid = $1`,
      [user, status],
    );
  }
}

async function act(site: Site, web: Web, body: object) {
  const asked = await web.call('POST', '/api/v1/actions', body);
  assert.equal(asked.status, 202, asked.bytes.toString());
  assert.equal(asked.headers.get('location'), `/api/v1/actions/${asked.json.id}`);
  return ended(site, web, asked.json.id);
}

async function ended(site: Site, web: Web, id: string) {
  const find = async () => (await web.call('GET', `/api/v1/actions/${id}`)).json;
  await site.until('the action to end', async () => (await find()).done);
  return find();
}

/** An action that no server has begun. */
async function note(site: Site, user: string, action: string, age = '0') {
  const { rows } = await site.sql.query(
    `INSERT INTO actions (user_uuid, action, filter, expected_count, created_at)
     VALUES ('local', $1, $2, 3, clock_timestamp() - $3::interval) RETURNING id`,
    [action, JSON.stringify({ ...NO_FILTER, user }), age],
  );
  return rows[0].id as string;
}

const countOf = async (web: Web, query: string) =>
  (await web.call('GET', `/api/v1/tasks/count?${query}`)).json.by_status;

test('all tasks that match are cancelled, tried again, moved and deleted; tasks whose status does not fit are counted as skipped', async ({
  site,
  web,
}) => {
  await addTasks(site, 'ann', 30, 'uploaded');
  await addTasks(site, 'ben', 2, 'uploaded');
  const filter = { user: 'ann' };
  const moved = await act(site, web, { action: 'priority', priority: 7, filter, expected_count: 30 });
  assert.deepEqual([moved.total, moved.changed, moved.skipped, moved.user], [30, 30, 0, 'local']);
  const jobs = await site.sql.query(
    `SELECT DISTINCT job.priority > 0 AS first FROM tasks JOIN pgboss.job ON job.id = tasks.job_id WHERE tasks.priority = 7`,
  );
  assert.equal(jobs.rows.length, 1);
  await site.sql.query(`UPDATE tasks SET cancel_requested = true
    WHERE id IN (SELECT id FROM tasks WHERE user_uuid = 'ann' ORDER BY id LIMIT 3)`);
  const cancelled = await act(site, web, { action: 'cancel', filter, expected_count: 30 });
  assert.deepEqual([cancelled.total, cancelled.changed, cancelled.skipped], [30, 27, 3]);
  assert.deepEqual(await countOf(web, 'user=ann'), { cancelled: 30 });
  assert.deepEqual(await countOf(web, 'user=ben'), { uploaded: 2 });
  // A user who cancelled a task does not want it back together with those that failed, unless it is named.
  const none = await act(site, web, { action: 'retry', filter, expected_count: 30 });
  assert.deepEqual([none.changed, none.skipped], [0, 30]);
  const named = await act(site, web, {
    action: 'retry',
    filter: { ...filter, status: 'failed,cancelled' },
    expected_count: 30,
  });
  assert.deepEqual([named.changed, named.filter], [30, { user: 'ann', status: 'failed,cancelled' }]);
  const deleted = await act(site, web, { action: 'delete', filter, expected_count: 1 });
  assert.deepEqual([deleted.expected_count, deleted.total, deleted.changed], [1, 30, 30]);
  assert.deepEqual(await countOf(web, 'user=ann'), {});
  const { actions } = (await web.call('GET', '/api/v1/actions')).json;
  assert.deepEqual(
    actions.map(({ action }: { action: string }) => action),
    ['delete', 'retry', 'retry', 'cancel', 'priority'],
  );
});

test('those that failed with a code are queued again; a limit that this would break is reported, and nothing is changed', async ({
  site,
  web,
}) => {
  await addTasks(site, 'cat', 5, 'uploaded', 'failed');
  const retry = { action: 'retry', filter: { code: 'E_ENGINE_FAILED' }, expected_count: 5 };
  await site.sql.query('UPDATE limits SET user_open_tasks = 4');
  const refused = await act(site, web, retry);
  assert.deepEqual([refused.total, refused.changed, refused.skipped], [null, null, null]);
  assert.match(refused.error, /cat/);
  assert.deepEqual(await countOf(web, 'user=cat'), { failed: 5 });
  await site.sql.query('UPDATE limits SET user_open_tasks = 10000');
  assert.equal((await act(site, web, retry)).changed, 5);
  assert.deepEqual(await countOf(web, 'user=cat'), { uploaded: 5 });
});

test('an action that a server did not end is done once by the next one, for the tasks of that time; an old action is not', async ({
  site,
}) => {
  await addTasks(site, 'dan', 3, 'uploaded');
  await addTasks(site, 'eve', 3, 'uploaded');
  const fresh = await note(site, 'dan', 'cancel');
  const old = await note(site, 'eve', 'cancel', '1 hour');
  await addTasks(site, 'dan', 2);
  await site.sql.query(`UPDATE tasks SET task_status = 'uploaded' WHERE task_status = 'uploading'`);
  await using one = await startWeb(site);
  await using two = await startWeb(site);
  const done = await ended(site, one, fresh);
  assert.deepEqual([done.total, done.changed], [3, 3]);
  assert.deepEqual(await countOf(two, 'user=dan'), { cancelled: 3, uploaded: 2 });
  assert.match(
    (await ended(site, one, old)).error,
    /the server ended before it was done: nothing was changed/,
  );
  assert.deepEqual(await countOf(two, 'user=eve'), { uploaded: 3 });
});

test('an action is done in parts: finished parts stay done, and another server goes on after the last one', async ({
  site,
  web,
}) => {
  await addTasks(site, 'gus', 5, 'uploaded');
  const id = await note(site, 'gus', 'cancel');
  await using db = partsOf(site);
  assert.equal(await doPartOfAction(db, id, 2), true);
  const { json } = await web.call('GET', `/api/v1/actions/${id}`);
  assert.deepEqual([json.done, json.total, json.changed], [false, 2, 2]);
  assert.deepEqual(await countOf(web, 'user=gus'), { cancelled: 2, uploaded: 3 });
  await using next = await startWeb(site);
  const done = await ended(site, next, id);
  assert.deepEqual([done.total, done.changed], [5, 5]);
  assert.equal(await doPartOfAction(db, id, 2), false);
});

test('a change that is refused ends the action, which says how many tasks were changed before', async ({
  site,
}) => {
  await addTasks(site, 'hal', 5, 'uploaded', 'failed');
  const id = await note(site, 'hal', 'retry');
  await using db = partsOf(site);
  await site.sql.query('UPDATE limits SET user_open_tasks = 3');
  assert.equal(await doPartOfAction(db, id, 2), true);
  await assert.rejects(doPartOfAction(db, id, 2), /hal has 3 tasks/);
  await site.sql.query('UPDATE limits SET user_open_tasks = 10000');
  await failAction(db, id, 'too many');
  assert.deepEqual(await findAction(db, id).then((one) => [one?.total, one?.changed, one?.error]), [
    2,
    2,
    'too many: 2 of 2 tasks were changed before',
  ]);
});

test('actions are deleted a year after they ended, and running ones never', async ({ site }) => {
  await using db = partsOf(site);
  const [long, open] = [await note(site, 'ivy', 'cancel'), await note(site, 'ivy', 'cancel', '400 days')];
  await site.sql.query(
    `UPDATE actions SET ended_at = now() - interval '366 days', total = 0, changed = 0 WHERE id = $1`,
    [long],
  );
  await forgetOldActions(db, 365);
  assert.equal(await findAction(db, long), undefined);
  assert.notEqual(await findAction(db, open), undefined);
});

test('an action goes on when the database comes back', async ({ site, web }) => {
  await addTasks(site, 'fay', 1, 'uploaded');
  const holder = await site.sql.connect();
  await holder.query("BEGIN; SELECT FROM tasks WHERE user_uuid = 'fay' FOR UPDATE");
  const asked = await web.call('POST', '/api/v1/actions', {
    action: 'cancel',
    filter: { user: 'fay' },
    expected_count: 1,
  });
  const broken = new Set<number>();
  await site.until('many connections to break', async () => {
    const { rows } = await site.sql.query(`SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'autophon web actions' AND wait_event_type = 'Lock'`);
    for (const { pid } of rows) broken.add(pid);
    return broken.size >= 6;
  });
  await holder.query('COMMIT');
  holder.release();
  assert.equal((await ended(site, web, asked.json.id)).changed, 1);
});

test('faults of an action are reported before anything is changed', async ({ web }) => {
  const good = { action: 'cancel', filter: {}, expected_count: 0 };
  for (const [wrong, said] of [
    [{ ...good, action: 'stop' }, /field action/],
    [{ ...good, filter: { stauts: 'failed' } }, /did you mean status\? Known: status, lang/],
    [{ ...good, filter: { status: 'done' } }, /no status .{0,2}done/],
    [{ ...good, filter: { since: '2026-02-31' } }, /filter since/],
    [{ ...good, filter: { until: '2026-02-01 (x)' } }, /filter until/],
    [{ ...good, expected_count: 2 ** 31 }, /expected_count/],
    [{ ...good, priority: 3 }, /field priority/],
    [{ ...good, action: 'priority' }, /field priority/],
    [{ action: 'cancel', filter: {} }, /expected_count/],
  ] as const) {
    const { status, json } = await web.call('POST', '/api/v1/actions', wrong);
    assert.equal(status, 400, JSON.stringify(wrong));
    assert.match(JSON.stringify(json.faults), said);
  }
  assert.equal((await web.call('GET', '/api/v1/actions/999999')).status, 404);
  assert.equal((await web.call('GET', '/api/v1/actions/x')).status, 404);
});

test.run();
