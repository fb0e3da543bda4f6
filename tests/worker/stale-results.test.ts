import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { holdChore } from '../../src/db/retention.ts';
import { removeStaleResults } from '../../src/worker/stale-results.ts';
import { createSite, type Site } from '../support/site.ts';
import { TRIVIAL_LANGUAGE } from '../support/trivial-engine.ts';

const test = suite('results of attempts that died');
let site: Site;
let db: Db;

test.before.each(async () => {
  site = await createSite();
  db = connect({ url: site.url, applicationName: 'autophon test', maxConnections: 2 });
  await site.sql.query("UPDATE chores SET run_at = now() - interval '5 minutes'");
});
test.after.each(async () => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

test('they go once the task has failed or was cancelled; those of a later try stay', async () => {
  for (const status of ['failed', 'cancelled'] as const) await addEnded(status, status, 2, '2 minutes');
  await addResults('failed', 1, 2, 3);
  await addResults('cancelled', 2);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('failed'), [3]);
  assert.equal(existsSync(path.join(site.uploadsDir, 'ann/otp/cancelled')), false);
});

test('a completed task keeps the result of its fence and loses the others', async () => {
  await addEnded('done', 'completed', 2, '2 minutes');
  await addResults('done', 1, 2);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('done'), [2]);
});

test('an attempt that may still be on its way to its end is left alone', async () => {
  await addEnded('fresh', 'failed', 1, '10 seconds');
  await addResults('fresh', 1);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('fresh'), [1]);
});

test('removing may take longer than a silent transaction is given else', async () => {
  await holdChore(db, 'remove stale results', async (tx) => {
    const { rows } = await sql<{ limit: string }>`
      SELECT current_setting('idle_in_transaction_session_timeout') AS "limit"`.execute(tx);
    assert.equal(rows[0]?.limit, '10min');
  });
});

test('nothing is removed behind a link', async () => {
  await addEnded('linked', 'failed', 1, '2 minutes');
  const theirs = path.join(site.dir, 'theirs');
  await mkdir(path.join(theirs, 'linked/1'), { recursive: true });
  await mkdir(path.join(site.uploadsDir, 'ann'), { recursive: true });
  await symlink(theirs, path.join(site.uploadsDir, 'ann/otp'));
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.ok(existsSync(path.join(theirs, 'linked/1')));
});

test('each task is looked at once; what failed half-way is done the next time', async () => {
  await addEnded('once', 'failed', 1, '2 minutes');
  await addResults('once', 1);
  const broken = { ...silentLog, info: () => assert.fail('the process ends here') };
  await assert.rejects(removeStaleResults({ db, uploadsDir: site.uploadsDir, log: broken }));
  await addResults('once', 1);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('once'), []);
  await addResults('once', 1);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('once'), [1]);
});

test.run();

/** A row that ended with a certain fence, so long ago. */
async function addEnded(
  taskId: string,
  status: 'failed' | 'cancelled' | 'completed',
  fence: number,
  ago: string,
): Promise<void> {
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', $2, $3, 'uploaded')",
    [taskId, TRIVIAL_LANGUAGE, `ann/upl/${taskId}`],
  );
  for (let n = 1; n <= fence; n++) {
    await site.sql.query(
      "UPDATE tasks SET task_status = 'processing', fence = fence + 1, instance = gen_random_uuid(), stage = 'package', started_at = now() WHERE task_id = $1",
      [taskId],
    );
  }
  const how = {
    failed: "error_code = 'E_IO', error_message = 'x'",
    cancelled: 'status_note = NULL',
    completed: `download_path = 'ann/otp/${taskId}/${fence}/${taskId}.zip'`,
  }[status];
  await site.sql.query(`UPDATE tasks SET task_status = $2, ${how} WHERE task_id = $1`, [taskId, status]);
  await site.sql.query('UPDATE tasks SET finished_at = now() - $2::interval WHERE task_id = $1', [
    taskId,
    ago,
  ]);
}

async function addResults(taskId: string, ...fences: number[]): Promise<void> {
  for (const fence of fences) {
    const dir = path.join(site.uploadsDir, 'ann/otp', taskId, String(fence));
    await mkdir(dir, { recursive: true });
    await writeFile(path.join(dir, `${taskId}.zip`), 'zip');
  }
}

function resultsOf(taskId: string): number[] {
  return [1, 2, 3].filter((fence) =>
    existsSync(path.join(site.uploadsDir, 'ann/otp', taskId, String(fence), `${taskId}.zip`)),
  );
}
