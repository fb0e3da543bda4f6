import path from 'node:path';
import { runCommandLine } from './run.ts';

const HOME_DIR = path.resolve(import.meta.dirname, '../..');

process.exitCode = await runCommandLine(process.argv.slice(2), HOME_DIR);

/** The process waits until its output is read. Then it ends, even if something is still open. */
const EXIT_LIMIT_MS = 200;
setTimeout(function leave() {
  const isPrinted = process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
  if (isPrinted) process.exit();
  setTimeout(leave, EXIT_LIMIT_MS).unref();
}, EXIT_LIMIT_MS).unref();
