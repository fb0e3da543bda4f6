/** The page's server in its own process. It reports its address. */
import { openApp } from '../../src/app/open.ts';
import { loadResources } from '../../src/app/resources.ts';
import { createLog } from '../../src/base/create-log.ts';
import { readConfig } from '../../src/config.ts';
import { WebServer } from '../../src/http/server.ts';
import { onStop, READY, tell } from './processes.ts';

const { BENCH_DIR = '.', NODE_CHANNEL_FD: _channel, ...environment } = process.env;
const config = readConfig(environment, {}, BENCH_DIR);
const log = createLog({ level: config.logLevel, format: 'text', dir: config.logsDir, console: null });
const app = await openApp(config, log, 'web');
const server = new WebServer(app, await loadResources(config, log), { port: 0 });
onStop(async () => {
  await server.stop();
  await app[Symbol.asyncDispose]();
  await log.close();
});
tell(READY, { address: await server.start() });
