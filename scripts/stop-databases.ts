// Stops the embedded servers of this checkout: the one of the work, and the one of the tests.
import path from 'node:path';
import { TaskError } from '../src/base/errors.ts';
import { loadConfig } from '../src/config.ts';
import { stopEmbedded } from '../src/db/embedded.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

try {
  const { dataDir } = loadConfig(ROOT_DIR);
  await stop(path.join(dataDir, 'postgres'), 'the database');
  await stop(path.join(ROOT_DIR, '.data', 'test-postgres'), 'the database of the tests');
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function stop(dataDir: string, name: string): Promise<void> {
  const wasRunning = await stopEmbedded(dataDir);
  console.log(`${name}: ${wasRunning ? 'stopped' : 'was not running'}`);
}
