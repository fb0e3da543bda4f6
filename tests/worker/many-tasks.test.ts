import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';

const test = suite('many tasks');
let site: Site;
let instances: Instance[] = [];

test.before(async () => {
  site = await createSite();
});
test.after(async () => {
  await Promise.all(instances.map((instance) => instance.stop()));
  await site[Symbol.asyncDispose]();
});

test('four instances do five hundred tasks, each once', async () => {
  const taskIds: string[] = [];
  while (taskIds.length < 500) taskIds.push(await site.addTask('one two', { user: 'many' }));
  instances = await Promise.all([1, 2, 3, 4].map(() => startInstance(site)));
  const count = async (where: string) =>
    Number(
      (await site.sql.query(`SELECT count(*) FROM tasks WHERE user_uuid = 'many' AND ${where}`)).rows[0]
        .count,
    );
  await site.until(
    'all to end',
    async () => (await count(`task_status IN ('uploaded', 'processing')`)) === 0,
  );
  assert.equal(await count(`task_status = 'completed' AND fence = 1 AND attempts = 1`), 500);
  const { rows } = await site.sql.query(
    `SELECT task, count(*) FROM task_events WHERE to_status = 'completed' AND from_status = 'processing' GROUP BY task HAVING count(*) > 1`,
  );
  assert.deepEqual(rows, []);
});

test.run();
