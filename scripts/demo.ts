/**
 * Shows the whole service at work: starts the database, submits all samples as tasks of two users, runs two worker
 * processes, shows progress, and prints a table of results and how to look at them. On a terminal the page then runs
 * until Ctrl-C. Ends with 1 if a task was not completed.
 * Usage: node scripts/demo.ts [--no-page]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type App, findDatabase, migrateDatabase, openApp } from '../src/app/open.ts';
import { loadResources } from '../src/app/resources.ts';
import { plural } from '../src/base/count-text.ts';
import { messageOf, TaskError } from '../src/base/errors.ts';
import { formatDuration } from '../src/base/time.ts';
import { personalLog } from '../src/cli/command.ts';
import { reportFailure } from '../src/cli/failure.ts';
import { programOutput } from '../src/cli/program-output.ts';
import { TaskDisplay } from '../src/cli/task-display.ts';
import { loadConfig } from '../src/config.ts';
import { findPendingMigrations } from '../src/db/migrate.ts';
import { cancelTasks } from '../src/tasks/cancel.ts';
import { openSite } from '../src/tasks/site.ts';
import { waitForTasks } from '../src/tasks/wait.ts';
import { Instances } from './demo/instances.ts';
import { keepSound, PAGE_COMMAND, runPage } from './demo/page.ts';
import { formatEnd, formatHowToLook, formatResults } from './demo/report.ts';
import { findSamples, type SampleTask, submitSamples } from './demo/samples.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');
const INSTANCE_COUNT = 2;
const INTERRUPTED = 130;

const output = programOutput(ROOT_DIR, { json: false });
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
try {
  const isStaying = wantsPage() && output.isTerminal;
  keepSound(ROOT_DIR);
  process.exitCode = await main(isStaying);
  if (process.exitCode === 0 && isStaying) process.exitCode = await runPage(output, ROOT_DIR);
} catch (error) {
  process.exitCode = reportFailure(error, output, process.env['WORKER_LOG_LEVEL'] === 'DEBUG');
}

/** @throws TaskError E_USAGE */
function wantsPage(): boolean {
  try {
    return parseArgs({ options: { 'no-page': { type: 'boolean' } } }).values['no-page'] !== true;
  } catch (cause) {
    throw new TaskError('E_USAGE', `demo: ${messageOf(cause)}. The one option is --no-page.`, { cause });
  }
}

/** @param isStaying - whether the page runs afterwards */
async function main(isStaying: boolean): Promise<number> {
  const startedMs = performance.now();
  const config = loadConfig(ROOT_DIR);
  await using app = await openDatabase();
  const { engines, languages, findLanguage, decodeAudio } = await loadResources(config, app.log);
  const samples = await findSamples(path.join(config.dataDir, 'samples', 'english-long'));

  say(`Two workers start; ${samples.length} tasks of two users are checked, copied and queued`);
  await using instances = new Instances(INSTANCE_COUNT);
  const services = {
    db: app.db,
    uploads: openSite(app.db, config.uploadsDir),
    findLanguage,
    decodeAudio,
    engines,
    policy: config.policy,
    taskLimits: config.taskLimits,
    webhookOrigins: config.deliveries.origins,
    signal: interrupt.signal,
  };
  const tasks = await submitSamples(samples, services);
  output.line();
  const rows = await watch(tasks, app, instances);
  if (interrupt.signal.aborted) {
    // First, since a worker that stops lets its running tasks finish.
    const ids = tasks.map(({ taskId }) => taskId);
    const { changed } = await cancelTasks(app.db, ids);
    await instances.stop();
    output.note(`stopped; ${plural(changed.length, 'unfinished task')} of the demo cancelled`);
    return INTERRUPTED;
  }
  await instances.stop();

  output.lines(['', ...formatResults(rows, config)]);
  const failed = rows.filter(({ task_status }) => task_status !== 'completed');
  if (failed.length > 0) {
    for (const row of failed) output.lines(formatEnd(row, config, output));
    output.note(`${failed.length} of ${rows.length} tasks were not completed`);
    return 1;
  }
  output.lines(['', ...formatHowToLook(rows, tasks, languages, config, output)]);
  output.line();
  say(
    `All ${rows.length} tasks completed, ${formatDuration((performance.now() - startedMs) / 1000)} from the start.`,
  );
  if (!isStaying) output.line(`See and hear these tasks, and give your own, in the page: ${PAGE_COMMAND}`);
  if (config.databaseUrl === null)
    output.line(
      'The built-in Postgres runs on, for you to look at: make status, make psql. It stops with: make db-stop',
    );
  return 0;
}

/** The database, migrated if it is new. If it has an earlier version of the schema, the operator has to migrate it. */
async function openDatabase(): Promise<App> {
  const config = loadConfig(ROOT_DIR);
  const log = personalLog(output, config);
  const url = await findDatabase(config, log);
  say(config.databaseUrl === null ? 'The built-in Postgres runs' : 'The database of DATABASE_URL answers');
  const [first] = await findPendingMigrations(url);
  if (first?.startsWith('0001_')) await migrateDatabase(config, url);
  return openApp(config, log, 'demo');
}

async function watch(tasks: readonly SampleTask[], app: App, instances: Instances) {
  const names = new Map(tasks.map(({ taskId, sample, user }) => [taskId, `${sample} of ${user}`]));
  const display = new TaskDisplay(output, {
    nameOf: (taskId) => names.get(taskId) ?? taskId,
    expectsWorker: false,
  });
  const ids = tasks.map(({ taskId }) => taskId);
  const watching = waitForTasks(app.db, ids, {
    signal: AbortSignal.any([interrupt.signal, instances.signal]),
    onSnapshot: (snapshot) => display.show(snapshot),
    onDatabaseAway: () => output.note('the database does not answer; waiting for it'),
  });
  const rows = await watching;
  output.keepDrawn();
  if (!interrupt.signal.aborted) instances.assertAlive();
  return rows;
}

function say(text: string): void {
  output.line(output.paint(text, 'bold'));
}
