import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { readFinalRows } from '../../scripts/soak/audit/final-rows.ts';
import { checkFiles } from '../../scripts/soak/audit/task-files.ts';
import type { Server } from '../../scripts/soak/server.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite } from '../../testing/site.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';

const test = suite('a result that comes too late, since another attempt has the task');
const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const INSTANCE_MAIN = 'testing/instance-main.ts';
/** Longer than the late worker is cut off on any busy machine. */
const LEASE_SEC = 600;

test('is refused, and nothing is wrong for the audit of a soak', async () => {
  assert.deepEqual(await publishLate(ROOT_DIR), []);
});

test('is published by a program that does not check fences, which the audit detects', async () => {
  const brokenDir = mkdtempSync(path.join(os.tmpdir(), 'autophon-broken-'));
  try {
    breakFences(brokenDir);
    const [finding, ...more] = await publishLate(brokenDir);
    assert.match(finding ?? '', /^expected the result at \S+1\.2-\S+, the row says \S+1\.1-\S+$/);
    assert.deepEqual(more, []);
  } finally {
    rmSync(brokenDir, { recursive: true, force: true });
  }
});

test.run();

/**
 * Has a worker end a task while it is cut off from the database, and gives it its network again while another worker runs
 * the task.
 * @param rootDir - of the program
 * @returns what the audit finds about the published result
 */
async function publishLate(rootDir: string): Promise<string[]> {
  await using site = await createSite({ leaseSec: LEASE_SEC });
  const url = new URL(site.url);
  const serverPort = Number(url.port);
  await using proxy = await startTcpProxy(() => serverPort);
  url.port = String(proxy.port);
  const main = path.join(rootDir, INSTANCE_MAIN);
  await using stack = new AsyncDisposableStack();
  const start = async (env: Record<string, string> = {}) => {
    const instance = await startInstance(site, { ...env, ALIGNMENT_WORKERS: '1' }, main);
    stack.defer(async () => {
      instance.kill('SIGKILL');
      await instance.exited;
    });
    return instance;
  };
  const late = await start({ DATABASE_URL: url.href });
  const [first, second] = ['wait one', 'wait two'];
  const taskId = await site.addTask(first);
  await late.event('engine.started');
  const accept = proxy.refuse();
  proxy.reset();
  await site.letGo(first);
  await late.event('task.end_delayed');
  await site.addFiles('ann', taskId, second);
  const other = await start();
  await site.takenOver(taskId, 1);
  await other.event('engine.started');
  accept();
  await Promise.race([late.event('task.completed'), late.event('task.lost')]);
  await site.letGo(second);
  await site.waitFor(taskId, 'completed', 'failed');
  const ask: Server['ask'] = async (statement, values = []) =>
    (await site.sql.query(statement, [...values])).rows;
  const { tasks, files } = await readFinalRows({ ask });
  const [row] = tasks;
  assert.ok(row !== undefined);
  const found = await checkFiles(
    row,
    files.get(row.id) ?? [],
    [],
    { inputs: [], results: [] },
    { uploadsDir: site.uploadsDir, adopted: new Set() },
  );
  return found.flatMap(({ rule, message }) =>
    rule === 'a result is published once, by the last fence' ? [message] : [],
  );
}

/**
 * Copies the program without its two fences: the number and name in the row, and the attempt of the job. Either alone is
 * enough to keep a late worker out.
 */
function breakFences(dir: string): void {
  for (const part of ['src', 'migrations', 'package.json', 'testing', 'tests/fixtures/trivial.dict'])
    cpSync(path.join(ROOT_DIR, part), path.join(dir, part), { recursive: true });
  symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(dir, 'node_modules'));
  remove(path.join(dir, 'src/db/attempts.ts'), 'fence, claim, ');
  remove(path.join(dir, 'src/worker/settle.ts'), '!isOurs || ');
}

function remove(file: string, text: string): void {
  const source = readFileSync(file, 'utf8');
  assert.ok(source.includes(text), `${file}: ${text}`);
  writeFileSync(file, source.replaceAll(text, ''));
}
