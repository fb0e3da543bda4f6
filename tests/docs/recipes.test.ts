import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { parseEnv, promisify } from 'node:util';
import pg from 'pg';
import { suite } from 'uvu';
import { readConfig } from '../../src/config.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { until, waitingFor } from '../../testing/time-limits.ts';
import { codeBlocks, inlineCode, readFile, tableRows } from './markdown.ts';
import { pythonWith } from './python.ts';

const test = suite('docs/recipes.md');
const run = promisify(execFile);
const page = readFile('docs/recipes.md');
let database: TestDatabase;
let sql: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
});
test.after(async () => {
  await sql.end();
  await database.drop();
});

const sectionOf = (heading: string) => page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
const configOf = (dotEnv: string) => readConfig({}, parseEnv(dotEnv), '/project');

test('both ways to name a conda environment start MFA 2 in it', () => {
  const [byName = '', byLauncher = ''] = codeBlocks(page, 'ini');
  const inside = ['run', '--no-capture-output', '-n', 'aligner'];
  for (const [dotEnv, conda] of [
    [byName, 'conda'],
    [byLauncher, '/opt/conda/bin/conda'],
  ] as const) {
    const { engines } = configOf(dotEnv);
    assert.equal(engines.installations['MFA2'], 'mfa');
    assert.deepEqual(engines.launchers['MFA2'], [conda, ...inside]);
  }
});

test('the full path of conda is accepted where the recipe gives it', () => {
  const command = inlineCode(sectionOf('My aligner is in conda')).find((code) => code.includes(' activate '));
  const { engines } = configOf(`MFA2=mfa\nCONDA_ENV=${command}`);
  assert.equal(engines.launchers['MFA2']?.[0], '/opt/conda/bin/conda');
});

test('settings of the older worker are accepted under the names that the page gives', () => {
  const section = sectionOf('I come from the sniffer');
  const values: Record<string, string> = { ALIGNMENT_WORKERS: '2', WORKER_LOG_LEVEL: 'INFO' };
  const kept = inlineCode(section.split('Add `DATABASE_URL`')[0] ?? '').filter((code) => code !== '.env');
  assert.ok(kept.length >= 10);
  const dotEnv = kept.map(
    (name) => `${name}=${values[name] ?? (name === 'CONDA_ENV' ? 'conda activate a &&' : '/x')}`,
  );
  const { slotCount, adminDir, engines } = configOf(dotEnv.join('\n'));
  assert.equal(slotCount, 2);
  assert.equal(adminDir, '/x');
  assert.deepEqual(Object.keys(engines.installations).sort(), ['FASE', 'FAVE', 'MFA1', 'MFA2']);
  const renamed = tableRows(section, 'older worker', 'here').flatMap(([, here = '']) =>
    inlineCode(here).filter((code) => code.includes('=')),
  );
  const config = configOf(renamed.join('\n'));
  assert.deepEqual(
    [config.slotCount, config.minPollSec, config.maxPollSec, config.retryAttempts, config.taskTimeoutSec],
    [4, 0.5, 60, 5, 7200],
  );
});

const python = await pythonWith('psycopg2');
(python === null ? test.skip : test)('the program that waits is woken by the end of its task', async () => {
  const [program = ''] = codeBlocks(page, 'python');
  // So long that only a notification can end the wait before this file is given up.
  const patient = program.replace(', 60)', ', 6000)');
  assert.notEqual(patient, program);
  await sql.query(`INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
    VALUES ('interview-7', 'ann', 'engUS_SPHINX_v010', 'ann/upl/interview-7', 'uploaded')`);
  const output = run(python ?? '', ['-c', patient], {
    env: { PATH: process.env['PATH'], DATABASE_URL: database.url },
  });
  await until('the program to read the row and wait', async () => {
    const { rows } = await sql.query(`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle' AND query LIKE 'SELECT task_status, error_code%'`);
    return rows.length > 0;
  });
  await sql.query("UPDATE tasks SET cancel_requested = true WHERE task_id = 'interview-7'");
  const { stdout } = await waitingFor('the program to end', output);
  assert.equal(stdout, "('cancelled', None, None)\n");
});

test.run();
