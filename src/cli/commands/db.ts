import { embeddedDir } from '../../app/open.ts';
import { TaskError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { withoutPassword } from '../../base/without-password.ts';
import type { Config } from '../../config.ts';
import { assertReachable } from '../../db/connect.ts';
import { describeConnected } from '../../db/embedded/connected.ts';
import { embeddedClients, embeddedStatus, startEmbedded, stopEmbedded } from '../../db/embedded.ts';
import { assertCount, usage } from '../args.ts';
import { configOf, defineCommand, type ExitCode } from '../command.ts';
import type { Output } from '../output.ts';

const ACTIONS = ['start', 'stop', 'status'] as const;

export const dbCommand = defineCommand({
  name: 'db',
  usage: 'start | stop | status',
  details: [
    'The built-in server is used when DATABASE_URL is not set. Every command that needs it starts it, and it runs until it',
    'is stopped. "db status" ends with 1 when the database does not run.',
  ],
  options: {},
  examples: ['autophon db status', 'autophon db stop'],
  run: async ({ positionals }, context): Promise<ExitCode> => {
    assertCount('db', positionals, { min: 1, max: 1, what: `one of ${ACTIONS.join(', ')}` });
    const [word = ''] = positionals;
    const action = ACTIONS.find((one) => one === word);
    if (action === undefined) {
      const meant = nearest(word, ACTIONS);
      const hint = meant === null ? '' : `; did you mean "${meant}"?`;
      throw usage('db', `${JSON.stringify(word)}: expected ${ACTIONS.join(', ')}${hint}`);
    }
    const config = configOf(context);
    if (config.databaseUrl !== null) return other(config.databaseUrl, action, context.output);
    return builtIn(config, action, context.output);
  },
});

/** The server of DATABASE_URL is started and stopped by its own operator. */
async function other(url: string, action: (typeof ACTIONS)[number], output: Output): Promise<ExitCode> {
  if (action !== 'status') {
    throw new TaskError(
      'E_USAGE',
      `DATABASE_URL is set (${withoutPassword(url)}): autophon does not ${action} that server. Unset it to use the built-in one.`,
    );
  }
  const { serverVersion } = await assertReachable(url);
  output.line(`running: Postgres ${serverVersion} at ${withoutPassword(url)}`);
  output.json({ state: 'running', builtIn: false, url: withoutPassword(url), version: serverVersion });
  return 0;
}

async function builtIn(config: Config, action: (typeof ACTIONS)[number], output: Output): Promise<ExitCode> {
  const dir = embeddedDir(config);
  if (action === 'stop') {
    const clients = await embeddedClients(dir);
    const wasRunning = await stopEmbedded(dir);
    output.line(wasRunning ? 'stopped' : 'was not running');
    if (clients.length > 0) output.line(`were connected: ${describeConnected(clients)}`);
    output.json({ state: 'stopped', builtIn: true, wasRunning, clients });
    return 0;
  }
  if (action === 'start') {
    const { url, port, dataDir, started } = await startEmbedded({
      dataDir: dir,
      log: (line) => output.note(line),
    });
    output.line(`${started ? 'started' : 'was running'}: port ${port}, data in ${dataDir}`);
    output.line(output.paint(`psql: ${withoutPassword(url)}, or "make psql"`, 'dim'));
    output.json({ state: 'running', builtIn: true, started, port, dataDir, url: withoutPassword(url) });
    return 0;
  }
  const { state, dataDir, logPath, server } = await embeddedStatus(dir);
  const where = server === null ? '' : `: port ${server.port}, process ${server.pid}`;
  output.line(`${state}${where}`);
  output.line(`data: ${dataDir}`);
  output.line(`log: ${logPath}`);
  output.json({
    state,
    builtIn: true,
    dataDir,
    logPath,
    port: server?.port ?? null,
    pid: server?.pid ?? null,
  });
  return state === 'running' ? 0 : 1;
}
