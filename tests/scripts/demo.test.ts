import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { waitingFor } from '../../testing/time-limits.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');

const test = suite<{ site: Site }>('demo');

test.before(async (context) => {
  context.site = await createSite();
});

test.after(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

test('make demo completes every sample with two workers, leaves none running, and says how to look at a result', async ({
  site,
}) => {
  const child = spawn('make', ['-C', ROOT_DIR, '--no-print-directory', 'demo'], {
    env: site.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = waitingFor('the demo to end', new Promise((resolve) => child.on('close', resolve)));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal(await ended, 0, stdout + stderr);

  const { rows } = await site.sql.query(
    'SELECT user_uuid, task_status, download_path, words, missing_words FROM tasks ORDER BY id',
  );
  assert.equal(rows.length, 9);
  assert.deepEqual(new Set(rows.map(({ user_uuid }) => user_uuid)).size, 2);
  for (const row of rows) {
    assert.equal(row.task_status, 'completed');
    assert.ok(existsSync(path.join(site.uploadsDir, row.download_path)));
    assert.ok(stdout.includes(path.join(site.uploadsDir, row.download_path)));
    assert.ok(row.words >= 18);
    assert.equal(row.missing_words, 0);
  }
  const instances = await site.sql.query('SELECT stopped_at FROM instances');
  assert.equal(instances.rows.length, 2);
  assert.ok(instances.rows.every(({ stopped_at }) => stopped_at !== null));
  assert.deepEqual(await site.workspaces(), []);
  assert.match(
    stdout,
    /praat --open samples\/english-conversation\/library\.wav result\/ARPAbet\/library\.TextGrid/,
  );
  assert.match(stdout, /All 9 tasks completed/);
  assert.match(stdout, /in the page: KEEP_SOUND=86400 make web\n/);
  const { rows: kept } = await site.sql.query(
    `SELECT count(*) AS files, count(deleted_at) AS deleted FROM task_files WHERE kind = 'audio'`,
  );
  assert.deepEqual([Number(kept[0].files) >= 9, Number(kept[0].deleted)], [true, 0]);
  assert.deepEqual(await readdir(path.join(site.dir, 'data', 'samples', 'english-long')), [
    'long-reading.TextGrid',
    'long-reading.wav',
  ]);
});

test('Ctrl-C cancels what the demo has queued and ends it, without waiting for running tasks', async () => {
  await using site = await createSite();
  const child = spawn(process.execPath, ['scripts/demo.ts', '--no-page'], {
    cwd: ROOT_DIR,
    env: site.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = waitingFor('the demo to end', new Promise((resolve) => child.on('close', resolve)));
  let stdout = '';
  child.stdout.on('data', (data) => {
    stdout += data;
    if (stdout.includes('processing: align')) child.kill('SIGINT');
  });
  const stderr = await text(child.stderr);
  assert.equal(await ended, 130, stdout + stderr);
  const { rows } = await site.sql.query(
    `SELECT count(*) FILTER (WHERE task_status = 'cancelled') AS cancelled,
            count(*) FILTER (WHERE task_status NOT IN ('cancelled', 'completed')) AS open FROM tasks`,
  );
  assert.equal(Number(rows[0].open), 0);
  assert.match(stderr, new RegExp(`stopped; ${rows[0].cancelled} unfinished tasks of the demo cancelled`));
});

test.run();
