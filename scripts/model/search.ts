import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ModelRun } from './runs.ts';

const execute = promisify(execFile);

const MODEL_DIR = path.resolve(import.meta.dirname, '../../model');
const MEMORY_LIMIT_MB = 7_000;
const DEPTH_LIMIT = 1_000_000;

export interface Found {
  readonly result: 'holds' | 'violated' | 'not finished';
  readonly states: number;
  readonly depth: number;
  readonly seconds: number;
  /**
   * Of a bitstate search: bits of the table per state. Above 100 nearly every state was visited; below 10 many were
   * not.
   */
  readonly hashFactor: number | null;
  /** What is violated, or why the search did not end. */
  readonly note: string | null;
}

/** @returns which of the two programs that a search needs is missing; null: none */
export async function missingProgram(): Promise<'spin' | 'gcc' | null> {
  for (const [program, flag] of [
    ['spin', '-V'],
    ['gcc', '--version'],
  ] as const) {
    if ((await execute(program, [flag]).catch(() => null)) === null) return program;
  }
  return null;
}

/** Builds the checker of one run in its own folder and runs it. */
export async function search(run: ModelRun): Promise<Found> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-model-'));
  try {
    const startedMs = performance.now();
    const defines = Object.entries(run.defines).map(([name, value]) => `-D${name}=${value}`);
    // spin passes the name to a shell, which would misread blanks and dollar signs of a path.
    await copyFile(path.join(MODEL_DIR, run.file), path.join(dir, run.file));
    await execute('spin', ['-a', ...defines, run.file], { cwd: dir });
    const store = run.isBitstate ? '-DBITSTATE' : '-DCOLLAPSE';
    // Compiling takes longer than most small searches.
    const options = [run.isSmall ? '-O0' : '-O2', '-w', '-DSAFETY', store, `-DMEMLIM=${MEMORY_LIMIT_MB}`];
    await execute('gcc', [...options, '-o', 'pan', 'pan.c'], { cwd: dir });
    const table = run.isBitstate ? ['-w33', '-k3'] : [];
    const { stdout } = await execute(path.join(dir, 'pan'), [`-m${DEPTH_LIMIT}`, ...table], {
      cwd: dir,
      maxBuffer: 64 * 1024 * 1024,
    });
    return read(stdout, (performance.now() - startedMs) / 1000);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Reads the output of pan. */
function read(output: string, seconds: number): Found {
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  const said = /^pan:\d+: (.*)$/m.exec(output)?.[1] ?? null;
  const isCut = /out of memory|max search depth too small|reached -DMEMLIM/.test(output);
  const errors = number(/errors: (\d+)/);
  const hashFactor = number(/hash factor: ([\d.]+)/);
  return {
    result: errors > 0 ? 'violated' : errors === 0 && !isCut ? 'holds' : 'not finished',
    states: number(/^\s*([\d.e+]+) states, stored/m),
    depth: number(/depth reached (\d+)/),
    seconds,
    hashFactor: Number.isNaN(hashFactor) ? null : hashFactor,
    note: said,
  };
}
