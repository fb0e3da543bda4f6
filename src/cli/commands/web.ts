import { openApp } from '../../app/open.ts';
import { loadResources } from '../../app/resources.ts';
import { WorkerProcess } from '../../app/worker-process.ts';
import { retryWhileFull } from '../../db/full-server.ts';
import { WebServer } from '../../http/server.ts';
import { firstTokenHint } from '../../tasks/web-tokens.ts';
import { assertCount, usage, wholeNumber } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import type { Output } from '../output.ts';

const MAX_PORT = 65_535;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** The time for a worker to end after it has handed back its tasks. */
const WORKER_LIMIT_MS = 30_000;

export const webCommand = defineCommand({
  name: 'web',
  usage: '',
  details: [
    'Serves the page and its API at the address of the setting WEB; WEB_MODE decides who may use them. Workers align the',
    'tasks; with --with-worker, one with ALIGNMENT_WORKERS slots starts and ends with this command, and gets its signals,',
    'too. On SIGTERM or Ctrl-C, requests have a moment to end; an interrupted upload continues when the page runs again.',
    'With --json, the document is printed when the page is ready.',
  ],
  options: {
    port: { type: 'string', value: 'NUMBER', help: 'listen at this port; 0: any free one' },
    'with-worker': { type: 'boolean', help: 'start a worker, too' },
  },
  examples: ['autophon web', 'autophon web --with-worker --port 9000'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('web', positionals, { min: 0, max: 0, what: 'no arguments' });
    const port = values.port === undefined ? undefined : parsePort(values.port);
    const { output } = context;
    const config = configOf(context);
    const log = personalLog(output, config);
    const resources = await loadResources(config, log);
    await using app = await retryWhileFull(() => openApp(config, log, 'web'), log);
    const server = new WebServer(app, resources, port === undefined ? {} : { port });
    let worker: WorkerProcess | null = null;
    const told = toldToStop((signal) => worker?.send(signal));
    const address = await server.start();
    if (values['with-worker']) worker = startWorker(told, output);
    output.line(`the page is at ${address} ; Ctrl-C stops it.`);
    const hint = config.web.mode === 'token' ? await firstTokenHint(app.db) : null;
    if (hint !== null) output.note(`${hint}.`);
    output.json({ address, pid: process.pid });
    await told;
    await Promise.all([server.stop(), worker?.endWithin(config.shutdownGraceSec * 1000 + WORKER_LIMIT_MS)]);
    return 0;
  },
});

/** The page goes on when its worker ends: users still need their results. */
function startWorker(told: Promise<void>, output: Output): WorkerProcess {
  const worker = new WorkerProcess();
  void Promise.race([worker.ended, told]).then((words) => {
    if (words === undefined) return;
    output.note(
      `the worker has ended, and tasks wait: ${words}\nThe page goes on. Start "autophon worker", or this command again.`,
    );
  });
  return worker;
}

function parsePort(text: string): number {
  const port = wholeNumber('web', '--port', text);
  if (port >= 0 && port <= MAX_PORT) return port;
  throw usage('web', `--port: expected 0 to ${MAX_PORT}, found ${port}`);
}

/** Resolves at the first signal; the third one ends the process. @param onSignal - is told of each */
function toldToStop(onSignal: (signal: NodeJS.Signals) => void): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const listener = (signal: NodeJS.Signals) => {
      onSignal(signal);
      count += 1;
      if (count === 1) resolve();
      else if (count > 2) process.exit(1);
    };
    for (const signal of SIGNALS) process.on(signal, listener);
  });
}
