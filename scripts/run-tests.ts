// Runs the test files, each in its own process, so that what one file leaves behind or throws late cannot disturb
// another. Arguments are parts of paths: a file runs when its path contains one of them. The last line: `N passed, N
// failed`.
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { readArguments } from '../testing/read-arguments.ts';
import { stopTestServer } from '../testing/test-server.ts';
import { TimeLimit } from '../testing/time-limits.ts';

interface FileResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What is wrong with the file as a whole; null: nothing. */
  readonly fault: string | null;
  readonly output: string;
  readonly durationSec: number;
}

const ROOT_DIR = path.resolve(import.meta.dirname, '..');
/**
 * More than the two cores of a small machine, because the files spend half of their time waiting for leases, pauses and
 * deaths.
 */
const PROCESS_COUNT = 4;
const LOOK_AGAIN_MS = 1_000;
const EXIT_WAIT_MS = 2_000;
/** What uvu prints at the end of a file. */
const SUMMARY = /Total:\s+(\d+)\s+Passed:\s+(\d+)\s+Skipped:\s+(\d+)/g;

const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(1);
  });
}
process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = readArguments('test', {
    allowPositionals: true,
    options: { dir: { type: 'string', default: 'tests' }, limit: { type: 'string', default: '180' } },
  });
  const files = findFiles(values.dir, positionals);
  const totals = { passed: 0, failed: 0, skipped: 0 };
  // Starts from the end of the alphabet, where the long files are. Short files then fill up the end of the run.
  const waiting = files.toReversed();
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(file, Number(values.limit));
      report(file, result);
      totals.passed += result.passed;
      totals.failed += result.failed;
      totals.skipped += result.skipped;
    }
  };
  await Promise.all(Array.from({ length: PROCESS_COUNT }, worker));
  if (values.dir === 'tests' && (await stopTestServer()).state === 'in use') {
    console.log('the database of the tests stays up: another program is connected to it');
  }
  if (files.length === 0) console.log(`no test file matches ${positionals.join(', ')}`);
  const skipped = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
  console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
  return totals.failed > 0 || totals.passed === 0 ? 1 : 0;
}

function findFiles(dir: string, filters: readonly string[]): string[] {
  const files = globSync('**/*.test.ts', { cwd: path.resolve(ROOT_DIR, dir) })
    .map((file) => path.join(dir, file))
    .sort();
  return filters.length === 0 ? files : files.filter((file) => filters.some((part) => file.includes(part)));
}

async function runFile(file: string, limitSec: number): Promise<FileResult> {
  const startedMs = performance.now();
  // In its own process group, so that the programs which a test has started end with it.
  const child = spawn(process.execPath, [file], {
    cwd: ROOT_DIR,
    detached: true,
    env: { ...compiledModules(), ...process.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  let isLate = false;
  const late = new AbortController();
  void whenOver(limitSec * 1000, late.signal).then(() => {
    if (late.signal.aborted) return;
    isLate = true;
    // Asks the file to say what it waits for.
    child.kill('SIGTERM');
    setTimeout(() => killGroup(child), EXIT_WAIT_MS).unref();
  });
  const end = await new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => {
      // A program that is left behind would keep the pipes open, and this process would wait for it.
      killGroup(child);
      child.on('close', () => resolve(code === 0 ? null : `ended with ${signal ?? `code ${code}`}`));
    });
  });
  late.abort();
  running.delete(child);
  const durationSec = (performance.now() - startedMs) / 1000;
  return { ...count(output, isLate ? `not done after ${limitSec} s` : end), output, durationSec };
}

/**
 * Compiling takes more time than most files. Portable, so that copies of the checkout, which some tests make, share it.
 * Not with coverage, which could only guess the lines of compiled modules.
 */
function compiledModules(): Record<string, string> {
  if (process.env['NODE_V8_COVERAGE'] !== undefined) return {};
  return {
    NODE_COMPILE_CACHE: path.join(ROOT_DIR, 'node_modules/.cache/tests'),
    NODE_COMPILE_CACHE_PORTABLE: '1',
  };
}

/** Resolves when the time is up (later on a busy machine), or when it is told to stop. */
async function whenOver(limitMs: number, signal: AbortSignal): Promise<void> {
  const limit = new TimeLimit(limitMs);
  await delay(limitMs, undefined, { signal, ref: false }).catch(() => undefined);
  while (!signal.aborted && !(await limit.isOver()))
    await delay(LOOK_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
}

function count(output: string, end: string | null): Omit<FileResult, 'output' | 'durationSec'> {
  const summary = [...stripVTControlCharacters(output).matchAll(SUMMARY)].at(-1);
  const [total = 0, passed = 0, skipped = 0] = summary?.slice(1).map(Number) ?? [];
  // uvu forgets the tests of a suite whose hook failed. So each test that did not pass counts as failed.
  const failed = total - passed;
  const fault = findFault(summary !== undefined, total + skipped, failed, end);
  return { passed, failed: failed + (fault === null ? 0 : 1), skipped, fault };
}

function findFault(
  hasSummary: boolean,
  testCount: number,
  failed: number,
  end: string | null,
): string | null {
  if (!hasSummary) return `${end ?? 'ended'} before its tests were done`;
  if (testCount === 0) return 'ran no test';
  return failed > 0 ? null : end;
}

function report(file: string, result: FileResult): void {
  const isGood = result.failed === 0;
  const skipped = result.skipped === 0 ? '' : `, ${result.skipped} skipped`;
  const counts = `${result.passed} passed, ${result.failed} failed${skipped}`;
  const fault = result.fault === null ? '' : `: ${result.fault}`;
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${file}  ${counts}  ${result.durationSec.toFixed(1)} s${fault}`);
  if (!isGood) console.log(`\n${result.output.trimEnd()}\n`);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
}
