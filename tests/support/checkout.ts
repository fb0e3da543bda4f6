import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { nodeEnv } from '../../testing/node-env.ts';
import { waitingFor } from '../../testing/time-limits.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const COPIED = [
  'Makefile',
  '.npmrc',
  '.gitignore',
  '.c8rc.json',
  'biome.json',
  'package.json',
  'package-lock.json',
];
const COPIED_FOLDERS = [
  'bin',
  'migrations',
  'model',
  'scripts',
  'src',
  'tests/base',
  'tests/fixtures',
  'testing',
  'tests/support',
];
const LINKED = ['node_modules', 'samples', '.toolchain'];

export interface MakeResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MakeOptions {
  /** Values on the command line, such as `TASK=7`. */
  readonly values?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A copy of the project in a folder whose name is hard for programs, with the packages that are installed here. */
export interface Checkout extends Disposable {
  readonly dir: string;
  /** Runs one target of the Makefile to its end. */
  make(target: string, options?: MakeOptions): Promise<MakeResult>;
  /** Starts a target in its own process group, as at a terminal. */
  startMake(target: string, options?: MakeOptions): ChildProcess;
}

export function copyCheckout(): Checkout {
  const stamp = path.join(ROOT_DIR, 'node_modules/.installed-from');
  // Otherwise the copy would install packages through its link.
  assert.ok(
    existsSync(stamp) && readFileSync(stamp).equals(readFileSync(path.join(ROOT_DIR, 'package-lock.json'))),
    'the packages are not those of package-lock.json: run "make install"',
  );
  const outer = mkdtempSync(path.join(os.tmpdir(), "autophon it's $HOME "));
  // As root the built-in server runs as another user, who must be able to reach this folder.
  chmodSync(outer, 0o755);
  const dir = path.join(outer, 'checkout');
  for (const name of [...COPIED, ...COPIED_FOLDERS])
    cpSync(path.join(ROOT_DIR, name), path.join(dir, name), { recursive: true });
  for (const name of LINKED.filter((one) => existsSync(path.join(ROOT_DIR, one))))
    symlinkSync(path.join(ROOT_DIR, name), path.join(dir, name));

  const startMake = (target: string, { values = [], env = {} }: MakeOptions = {}) =>
    spawn('make', ['-C', dir, '--no-print-directory', target, ...values], {
      env: { PATH: process.env['PATH'] ?? '', HOME: outer, ...nodeEnv(), ...env },
      detached: true,
    });
  return {
    dir,
    startMake,
    make: async (target, options = {}) => {
      const child = startMake(target, options);
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      child.stdin?.end(options.input);
      const [stdout, stderr] = await Promise.all([text(child.stdout ?? []), text(child.stderr ?? [])]);
      return { exitCode: await waitingFor(`make ${target} to end`, ended), stdout, stderr };
    },
    [Symbol.dispose]: () => rmSync(outer, { recursive: true, force: true }),
  };
}
