import { type App, openApp } from '../../app/open.ts';
import { createWorker, type Instance } from '../../app/worker.ts';
import { createLog } from '../../base/create-log.ts';
import { unlessAborted } from '../../base/unless-aborted.ts';
import { within } from '../../base/within.ts';
import { findTask } from '../../db/tasks.ts';
import { placesOf } from '../../tasks/describe.ts';
import { findOneTask } from '../../tasks/find.ts';
import { processTask } from '../../tasks/process.ts';
import { isFinal, waitForTasks } from '../../tasks/wait.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode, INTERRUPTED, personalLog } from '../command.ts';
import { printEnd } from '../follow.ts';
import type { Output } from '../output.ts';
import { TaskDisplay } from '../task-display.ts';
import { taskDocument } from '../task-text.ts';

/** After the task should have been handed back, statements that still wait for the database are not waited for. */
const INTERRUPT_LIMIT_MS = 3_300;
/** A disk that hangs must not keep the process from ending. */
const LOG_LIMIT_MS = 500;

export const processCommand = defineCommand({
  name: 'process',
  usage: 'TASK',
  details: [
    'Runs a task that waits in the queue, by the rules of a worker: no other worker can take it meanwhile. Ctrl-C',
    'hands it back to the queue. A failed task is queued again first: "autophon retry TASK".',
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
    // Its lease hands the task back; what guards its engine ends it with this process.
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
    // An error while watching must not fail the task; the error of the task itself is what counts.
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
    // One last look shows how it ended; a task that went back to the queue would be watched for ever.
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
  const places = placesOf(ended, app.config);
  const exitCode = printEnd(ended, places, output);
  output.json(taskDocument(ended, places));
  return interrupt.signal.aborted && exitCode !== 0 ? INTERRUPTED : exitCode;
}
