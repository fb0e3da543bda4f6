// Runs psql on the project's database: that of DATABASE_URL, or the embedded one, which it starts if it does not run.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { findDatabase } from '../src/app/open.ts';
import { splitPassword } from '../src/base/database-url.ts';
import { personalLog } from '../src/cli/command.ts';
import { reportFailure } from '../src/cli/failure.ts';
import { programOutput } from '../src/cli/program-output.ts';
import { type Config, loadConfig } from '../src/config.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

const output = programOutput(ROOT_DIR, { json: false });

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportFailure(error, output, false);
}

async function main(psqlArgs: readonly string[]): Promise<number> {
  const config = loadConfig(ROOT_DIR);
  // All users of the machine can read the arguments of a process, but only its owner can read the environment.
  const { url, password } = splitPassword(await findAnyDatabase(config));
  // Ctrl-C is for psql: it cancels a query and goes on.
  process.on('SIGINT', () => undefined);
  const { error, status } = spawnSync('psql', ['--no-psqlrc', ...psqlArgs, url], {
    stdio: 'inherit',
    cwd: ROOT_DIR,
    env: {
      ...process.env,
      PAGER: process.env['PAGER'] ?? 'cat',
      ...(password === null ? {} : { PGPASSWORD: password }),
    },
  });
  if (error === undefined) return status ?? 1;
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  console.error('psql is not installed: on Debian or Ubuntu run "apt install postgresql-client"');
  return 1;
}

/** psql itself explains best why it cannot reach a server that is not the built-in one. */
async function findAnyDatabase(config: Config): Promise<string> {
  return config.databaseUrl ?? (await findDatabase(config, personalLog(output, config)));
}
