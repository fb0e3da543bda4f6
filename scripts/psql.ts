// Runs psql on the project's database: that of DATABASE_URL, or the embedded one, which it starts when it is down.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { TaskError } from '../src/base/errors.ts';
import { loadConfig } from '../src/config.ts';
import { startEmbedded } from '../src/db/embedded.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main(psqlArgs: readonly string[]): Promise<number> {
  const config = loadConfig(ROOT_DIR);
  const url = new URL(config.databaseUrl ?? (await startEmbedded(embeddedOptions(config.dataDir))).url);
  // Everybody on the machine can read the arguments of a process, only its owner the environment.
  const password = url.searchParams.get('password') ?? decodeURIComponent(url.password);
  url.password = '';
  url.searchParams.delete('password');
  // Ctrl-C is for psql, which cancels a query with it and stays.
  process.on('SIGINT', () => undefined);
  const { error, status } = spawnSync('psql', ['--no-psqlrc', ...psqlArgs, url.href], {
    stdio: 'inherit',
    cwd: ROOT_DIR,
    env: {
      ...process.env,
      PAGER: process.env['PAGER'] ?? 'cat',
      ...(password === '' ? {} : { PGPASSWORD: password }),
    },
  });
  if (error === undefined) return status ?? 1;
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  console.error('psql is not installed: on Debian or Ubuntu run "apt install postgresql-client"');
  return 1;
}

function embeddedOptions(dataDir: string) {
  return { dataDir: path.join(dataDir, 'postgres'), log: (line: string) => console.error(line) };
}
