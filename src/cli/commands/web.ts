import { openApp } from '../../app/open.ts';
import { loadResources } from '../../app/resources.ts';
import { retryWhileFull } from '../../db/full-server.ts';
import { WebServer } from '../../http/server.ts';
import { assertCount, usage, wholeNumber } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';

const MAX_PORT = 65_535;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export const webCommand = defineCommand({
  name: 'web',
  usage: '',
  details: [
    'Serves the page, and the API that it uses, at the address of the setting WEB, for this machine alone. Tasks are',
    'aligned by workers, which run beside it. On SIGTERM or Ctrl-C it lets requests end for a moment; uploads that it',
    'breaks off go on when it runs again. With --json, the document is printed when it is ready.',
  ],
  options: {
    port: { type: 'string', value: 'NUMBER', help: 'listen at this port; 0: any free one' },
  },
  examples: ['autophon web', 'autophon web --port 9000'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('web', positionals, { min: 0, max: 0, what: 'no arguments' });
    const port = values.port === undefined ? undefined : parsePort(values.port);
    const { output } = context;
    const config = configOf(context);
    const log = personalLog(output, config);
    const resources = await loadResources(config, log);
    await using app = await retryWhileFull(() => openApp(config, log, 'web'), log);
    const server = new WebServer(app, resources, port === undefined ? {} : { port });
    const told = toldToStop();
    const address = await server.start();
    output.line(`the page is at ${address} ; Ctrl-C stops it.`);
    output.json({ address, pid: process.pid });
    await told;
    await server.stop();
    return 0;
  },
});

function parsePort(text: string): number {
  const port = wholeNumber('web', '--port', text);
  if (port >= 0 && port <= MAX_PORT) return port;
  throw usage('web', `--port: expected 0 to ${MAX_PORT}, found ${port}`);
}

/** Resolves at the first signal; a second one ends the process. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const onSignal = () => {
      count += 1;
      if (count === 1) resolve();
      else process.exit(1);
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
}
