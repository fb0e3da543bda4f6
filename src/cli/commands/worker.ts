import { type App, openApp } from '../../app/open.ts';
import { serviceOf } from '../../app/service.ts';
import { createWorker, type Instance } from '../../app/worker.ts';
import { plural } from '../../base/count-text.ts';
import type { Log } from '../../base/log.ts';
import { within } from '../../base/within.ts';
import { withoutPassword } from '../../base/without-password.ts';
import { retryWhileFull } from '../../db/full-server.ts';
import { listActiveInstances } from '../../db/instances.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode } from '../command.ts';
import { formatEngines } from '../engines-text.ts';
import { openWorkerLog } from '../worker-log.ts';

type Worker = Instance['worker'];

/** A disk that hangs must not keep the process from ending. */
const LOG_LIMIT_MS = 500;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export const workerCommand = defineCommand({
  name: 'worker',
  usage: '',
  details: [
    'Claims tasks and runs them, ALIGNMENT_WORKERS at a time; any number of workers share the work. Its log goes to',
    'standard error and to alignment_worker.log in LOGS. After SIGTERM or Ctrl-C it takes no more tasks; running ones have',
    'SHUTDOWN_GRACE to finish before they are handed back to the queue. A second signal hands them back at once, a third',
    'ends the process immediately. With --json, the document is printed when the worker is ready.',
  ],
  options: {},
  examples: ['autophon worker', 'ALIGNMENT_WORKERS=4 autophon worker'],
  run: async ({ positionals }, context): Promise<ExitCode> => {
    assertCount('worker', positionals, { min: 0, max: 0, what: 'no arguments' });
    const { output, environment } = context;
    const config = configOf(context);
    const log = openWorkerLog(config, environment);
    try {
      await using app = await retryWhileFull(() => openApp(config, log, 'worker'), log);
      const instance = await createWorker(app);
      const { worker, context: parts } = instance;
      await using monitoring = await startMonitoring(app, instance, log);
      await using service = serviceOf(parts, config.slotCount, environment, log);
      const stopped = stopInOrder(worker, () => void service.stopping());
      await worker.start();
      await service.ready();
      const { engines = {}, slots } = (await listActiveInstances(app.db)).find(
        ({ id }) => id === parts.instanceId,
      ) ?? { slots: config.slotCount };
      output.line(
        `worker ready, pid ${process.pid}: ${plural(slots, 'slot')}, engines ${formatEngines(engines)}; ` +
          `waiting for tasks at ${withoutPassword(app.url)}. Ctrl-C stops it.`,
      );
      if (monitoring !== null) output.line(`metrics at ${monitoring.address}/metrics`);
      output.json({
        ...(monitoring === null ? {} : { metrics: `${monitoring.address}/metrics` }),
        instance: parts.instanceId,
        pid: process.pid,
        slots,
        engines,
      });
      return (await stopped) ? 0 : 1;
    } finally {
      await within(LOG_LIMIT_MS, log.close());
    }
  },
});

interface Monitoring extends AsyncDisposable {
  readonly address: string;
}

/** @returns null where the setting METRICS names no address */
async function startMonitoring(app: App, instance: Instance, log: Log): Promise<Monitoring | null> {
  const { metrics } = app.config;
  if (metrics === null) return null;
  const [{ monitorWorker }, { MonitorServer }] = await Promise.all([
    import('../../app/monitor.ts'),
    import('../../http/monitor-server.ts'),
  ]);
  const server = new MonitorServer(monitorWorker(app, instance), metrics, log);
  const address = await server.start().catch(async (error: unknown) => {
    await Promise.all([server[Symbol.asyncDispose](), instance.worker.stop()]);
    throw error;
  });
  return { address, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Resolves when a signal or a drain has stopped the worker. @returns whether it ended in order */
function stopInOrder(worker: Worker, onStopping: () => void): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const stop = (reason: string) => {
      worker.stop(reason).then(resolve, reject);
      onStopping();
    };
    void worker.drained.then(() => stop('the instance is drained'));
    const onSignal = (signal: NodeJS.Signals) => {
      count += 1;
      if (count === 1) stop(`the instance is stopping on ${signal}`);
      if (count === 2) worker.stopAtOnce();
      // Other workers take over its tasks when their leases run out; the guards kill the engines with this process.
      if (count > 2) process.exit(1);
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
    if (process.connected) followStarter(onSignal);
  });
}

/**
 * "autophon web --with-worker" has started this process, and reads its standard error. When that command dies, this worker
 * stops, and errors of writing to it are ignored.
 */
function followStarter(onSignal: (signal: NodeJS.Signals) => void): void {
  process.stderr.on('error', () => undefined);
  process.once('disconnect', () => onSignal('SIGHUP'));
  process.channel?.unref();
}
