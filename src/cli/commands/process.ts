import { type App, openApp } from '../../app/open.ts';
import { createWorker, type Instance } from '../../app/worker.ts';
import { createLog } from '../../base/create-log.ts';
import { unlessAborted } from '../../base/unless-aborted.ts';
import { within } from '../../base/within.ts';
import { findTask } from '../../db/tasks.ts';
import { taskPlacesOf } from '../../tasks/describe.ts';
import { findOneTask } from '../../tasks/find.ts';
import { processTask } from '../../tasks/process.ts';
import { isFinal, waitForTasks } from '../../tasks/wait.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode, INTERRUPTED, personalLog } from '../command.ts';
import { printEnd } from '../follow.ts';
import type { Output } from '../output.ts';
import { TaskDisplay } from '../task-display.ts';
import { taskDocument } from '../task-text.ts';

/** The worker hands the task back in this time. After it, statements that still wait for the database are given up. */
const INTERRUPT_LIMIT_MS = 3_300;
/** A disk that hangs must not keep the process from ending. */
const LOG_LIMIT_MS = 500;

export const processCommand = defineCommand({
  name: 'process',
  usage: 'TASK',
  details: [
    'Runs a waiting task as a worker would: no other worker can take it meanwhile. Ctrl-C hands it back to the queue. A',
    'failed task has to be queued first, with "autophon retry TASK".',
  ],
  options: {},
  examples: ['autophon process 3f2a9c1e'],
  run: async ({ positionals }, context): Promise<ExitCode> => {
    assertCount('process', positionals, { min: 1, max: 1, what: 'one task id' });
    const { output } = context;
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'process');
    const task = await findOneTask(app.db, positionals[0] ?? '');
    const log = createLog({
      level: config.logLevel,
      dir: config.logsDir,
      format: config.logFormat,
      console: config.logLevel === 'DEBUG' ? 'plain' : null,
    });
    try {
      const instance = await createWorker({ ...app, log }, { slotCount: 0 });
      return await processHere(task.task_id, instance, app, output);
    } finally {
      await within(LOG_LIMIT_MS, log.close());
    }
  },
});

async function processHere(
  taskId: string,
  { worker, context }: Instance,
  app: App,
  output: Output,
): Promise<ExitCode> {
  const interrupt = new AbortController();
  const lastMoment = new AbortController();
  const onInterrupt = () => {
    // The task returns to the queue when its lease runs out; the guard kills its engine with this process.
    if (interrupt.signal.aborted) process.exit(INTERRUPTED);
    interrupt.abort();
    worker.stopAtOnce();
    setTimeout(() => lastMoment.abort(), INTERRUPT_LIMIT_MS).unref();
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  const watching = new AbortController();
  await worker.start();
  try {
    const display = new TaskDisplay(output, { expectsWorker: false });
    const watched = waitForTasks(app.db, [taskId], {
      signal: watching.signal,
      onSnapshot: (snapshot) => display.show(snapshot),
      onDatabaseAway: () => output.note('the database does not answer; waiting for it'),
    });
    // An error of the display must not fail the task.
    watched.catch(() => undefined);
    const processing = processTask(taskId, context, {
      signal: interrupt.signal,
      onHeld: () => output.note('another session holds the row of the task; waiting for it'),
    });
    await unlessAborted(lastMoment.signal, processing).catch((error: unknown) => {
      if (!interrupt.signal.aborted) throw error;
    });
    if (lastMoment.signal.aborted) {
      output.note('interrupted: the database did not answer in time, see "autophon show" for its state');
      return INTERRUPTED;
    }
    // The display ends by itself when the task has ended, but not when the task went back to the queue.
    const now = await findTask(app.db, taskId);
    if (now === undefined || !isFinal(now)) watching.abort();
    await watched.catch(() => undefined);
  } finally {
    watching.abort();
    await worker.stop();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
  output.keepDrawn();
  const ended = await findTask(app.db, taskId);
  if (ended === undefined) return 1;
  const places = taskPlacesOf(ended, app.config);
  const exitCode = printEnd(ended, places, output);
  output.json(taskDocument(ended, places));
  return interrupt.signal.aborted && exitCode !== 0 ? INTERRUPTED : exitCode;
}
