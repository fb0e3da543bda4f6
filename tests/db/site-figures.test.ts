import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';

const test = suite<{ site: Site }>('figures of the whole site');

test.before.each(async (context) => {
  context.site = await createSite();
});
test.after.each(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

async function figures({ sql }: Site): Promise<Record<string, number>> {
  const { rows } = await sql.query('SELECT figure, label, value FROM site_figures()');
  return Object.fromEntries(rows.map(({ figure, label, value }) => [`${figure} ${label}`.trim(), value]));
}

test('a site where nothing runs has figures, too', async ({ site }) => {
  assert.deepEqual(await figures(site), {
    'tasks uploaded': 0,
    'tasks uploading': 0,
    'tasks processing': 0,
    stuck: 0,
    chores_late: 0,
    'ended_last_hour completed': 0,
    'ended_last_hour failed': 0,
    'ended_last_hour cancelled': 0,
  });
});

test('tasks are counted by status, the first that waits for each engine by its age, and workers by what they can do', async ({
  site,
}) => {
  const { sql } = site;
  await sql.query(`INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
    SELECT engine || n, 'ann', 'engUS_' || engine || '_v010', 'ann/upl/x', 'uploaded'
    FROM unnest('{MFA2,SPHINX,FAVE}'::text[]) AS engine, generate_series(1, 3) AS n`);
  await sql.query(`INSERT INTO tasks (task_id, user_uuid) VALUES ('u1', 'ann')`);
  // An engine whose only task waits for its time has no oldest waiting task.
  await sql.query(`INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, not_before)
    VALUES ('later', 'ann', 'engUS_FASE_v010', 'ann/upl/x', 'uploaded', now() + interval '1 hour')`);
  await sql.query(
    `UPDATE tasks SET task_status = 'failed', error_code = 'E_IO', error_message = 'no' WHERE task_id LIKE 'FAVE%'`,
  );
  await sql.query(`UPDATE tasks SET finished_at = now() - interval '2 hours' WHERE task_id = 'FAVE1'`);
  await sql.query('ALTER TABLE tasks DISABLE TRIGGER USER');
  await sql.query(`UPDATE tasks SET queued_at = now() - interval '90 seconds' WHERE task_id = 'SPHINX2'`);
  await sql.query('ALTER TABLE tasks ENABLE TRIGGER USER');
  await sql.query(`INSERT INTO instances (id, host, pid, version, slots, paused, engines, seen_at, stopped_at)
    SELECT id, 'h', 1, '0', 2, paused, engines::jsonb, now() - seen * interval '1 second', CASE WHEN stopped THEN now() END
    FROM (VALUES ('a', NULL, '{"SPHINX": {"state": "ready"}, "MFA2": {"state": "sick"}}', 0, false),
                 ('b', 'memory', '{"SPHINX": {"state": "ready"}}', 5, false),
                 ('c', NULL, '{"FAVE": {"state": "ready"}}', 90, false),
                 ('d', NULL, '{"FAVE": {"state": "ready"}}', 0, true)) AS one (id, paused, engines, seen, stopped)`);
  const found = await figures(site);
  const { 'oldest_queued_seconds MFA2': newest, 'oldest_queued_seconds SPHINX': oldest, ...others } = found;
  assert.ok((newest ?? -1) >= 0 && (newest ?? 90) < 90 && (oldest ?? 0) >= 90, JSON.stringify(found));
  assert.deepEqual(others, {
    'tasks uploaded': 7,
    'tasks uploading': 1,
    'tasks processing': 0,
    stuck: 0,
    chores_late: 0,
    'ended_last_hour completed': 0,
    'ended_last_hour failed': 2,
    'ended_last_hour cancelled': 0,
    'workers ready': 1,
    'workers paused': 1,
    'engine_workers SPHINX': 2,
  });
});

test('they cost no more when many tasks have ended', async ({ site: { sql } }) => {
  const add = (from: number, to: number) =>
    sql.query(`SET session_replication_role = replica;
      INSERT INTO tasks (task_id, user_uuid, task_status, download_path, created_at, finished_at)
      SELECT 't' || n, 'ann', 'completed', 'x', now() - interval '2 days', now() - interval '1 day'
      FROM generate_series(${from}, ${to}) AS n;
      SET session_replication_role = origin; ANALYZE tasks`);
  const pages = async () => {
    await sql.query('SELECT * FROM site_figures()');
    const { rows } = await sql.query('EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT * FROM site_figures()');
    return rows[0]['QUERY PLAN'][0].Plan['Shared Hit Blocks'] as number;
  };
  await add(1, 100);
  const few = await pages();
  await add(101, 20_000);
  const many = await pages();
  assert.ok(many < few + 50, `${few} pages, then ${many}`);
});

test.run();
