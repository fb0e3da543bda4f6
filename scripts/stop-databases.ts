// Stops the embedded servers of this checkout: that of the project, and that of the tests.
import path from 'node:path';
import { TaskError } from '../src/base/errors.ts';
import { loadConfig } from '../src/config.ts';
import { stopEmbedded } from '../src/db/embedded.ts';
import { stopTestServer } from '../testing/test-server.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

try {
  const { dataDir } = loadConfig(ROOT_DIR);
  const wasRunning = await stopEmbedded(path.join(dataDir, 'postgres'));
  console.log(`the database: ${wasRunning ? 'stopped' : 'was not running'}`);
  console.log(`the database of the tests: ${await stopTestServer()}`);
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
