// Stops the embedded servers of this checkout: that of the project, and that of the tests.
import path from 'node:path';
import { TaskError } from '../src/base/errors.ts';
import { loadConfig } from '../src/config.ts';
import { describeConnected } from '../src/db/embedded/connected.ts';
import { embeddedClients, stopEmbedded } from '../src/db/embedded.ts';
import { stopTestServer } from '../testing/test-server.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

try {
  const { dataDir } = loadConfig(ROOT_DIR);
  const dir = path.join(dataDir, 'postgres');
  const clients = await embeddedClients(dir);
  const wasRunning = await stopEmbedded(dir);
  console.log(`the database: ${wasRunning ? 'stopped' : 'was not running'}`);
  if (clients.length > 0) console.log(`  were connected: ${describeConnected(clients)}`);
  const tests = await stopTestServer();
  console.log(`the database of the tests: ${tests.state}`);
  if (tests.clients.length > 0) console.log(`  are connected: ${describeConnected(tests.clients)}`);
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
