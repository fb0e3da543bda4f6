import { enableCompileCache } from 'node:module';
import path from 'node:path';

const HOME_DIR = path.resolve(import.meta.dirname, '../..');

// Half the time of a short command goes into compiling its modules. Not in /tmp, where others could plant code.
enableCompileCache(path.join(HOME_DIR, 'node_modules', '.cache', 'compiled'));
const { runCommandLine } = await import('./run.ts');
process.exitCode = await runCommandLine(process.argv.slice(2), HOME_DIR);

/** First wait until the output is read. Then nothing that is still open may keep the process from ending. */
const EXIT_LIMIT_MS = 200;
setTimeout(function leave() {
  const isPrinted = process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
  if (isPrinted) process.exit();
  setTimeout(leave, EXIT_LIMIT_MS).unref();
}, EXIT_LIMIT_MS).unref();
