import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { readZip } from '../../testing/zip.ts';
import { runJson, startCli } from '../cli/run-cli.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../samples/english-conversation');

const site: Site = await createSite();
const password = decodeURIComponent(new URL(site.url).password);
const test = suite('the password of the database');
const withPassword = password === '' ? test.skip : test;
if (password === '') console.error('the server of the tests asks for no password: those tests are left out');

test.after(async () => {
  await site[Symbol.asyncDispose]();
});

withPassword(
  'is known to the worker alone: to no engine, no list of processes, log, row or result',
  async () => {
    const worker = startCli(['worker'], { ...site.env, WORKER_LOG_LEVEL: 'DEBUG' });
    await worker.said('worker ready');
    const { document } = await runJson<{ taskId: string }>(
      ['submit', SAMPLE, '--lang', 'engUS_SPHINX_v010'],
      site.env,
    );
    const workerPid = worker.child.pid ?? 0;
    await site.until('the engine to run', () => startedBy(workerPid).length > 0);
    for (const pid of startedBy(workerPid)) {
      const environment = read(`/proc/${pid}/environ`);
      assert.ok(!environment.includes(password) && !environment.includes('DATABASE_URL'), environment);
    }
    const shown = readdirSync('/proc').filter((name) => read(`/proc/${name}/cmdline`).includes(password));
    assert.deepEqual(shown, []);

    // Broken connections, and statements that fail, are logged.
    await site.sql.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'autophon%' AND datname = current_database()",
    );
    const row = await site.waitFor(document.taskId, 'completed', 'failed');
    assert.equal(row.task_status, 'completed', row.error_message ?? '');
    worker.child.kill('SIGTERM');
    const { stdout, stderr } = await worker.ended;
    assert.match(stderr, /connection_lost|notifications\.lost/);

    const places = new Map([
      ['standard output', stdout],
      ['standard error', stderr],
      ['rows', await allRows()],
      ...(await readZip(site.zipPath(row))),
      ...readTree(path.join(site.dir, 'logs')),
    ]);
    assert.ok(
      places.has('manifest.json') && [...places.keys()].some((name) => name.includes('alignment_worker')),
    );
    const leaks = [...places].filter(([, text]) => text.includes(password)).map(([name]) => name);
    assert.deepEqual(leaks, []);
  },
);

test.run();

/**
 * Without processes that have not started their own program yet: until then they show the environment of the worker.
 */
function startedBy(pid: number): number[] {
  const command = read(`/proc/${pid}/cmdline`);
  return descendantsOf(pid).filter((child) => !['', command].includes(read(`/proc/${child}/cmdline`)));
}

/** All descendants of a process. */
function descendantsOf(pid: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      // After the name in parentheses come the state and the parent.
      .map((name) => [Number(name), Number(read(`/proc/${name}/stat`).split(') ').at(-1)?.split(' ')[1])]),
  );
  const isBelow = (child: number): boolean => {
    const parent = parents.get(child);
    return parent !== undefined && parent > 0 && (parent === pid || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** Empty if a process or file is gone, or may not be read. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function readTree(dir: string): [string, string][] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, read(path.join(entry.parentPath, entry.name))]);
}

async function allRows(): Promise<string> {
  const texts: string[] = [];
  for (const table of ['tasks', 'task_events', 'task_files', 'instances', 'engines', 'pgboss.job']) {
    const { rows } = await site.sql.query(`SELECT to_jsonb(t)::text AS text FROM ${table} AS t`);
    texts.push(...rows.map(({ text }) => text));
  }
  return texts.join('\n');
}
