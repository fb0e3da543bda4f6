/** A copy of the program with the additions of an example in CONTRIBUTING. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findViolations } from '../support/architecture.ts';
import { ROOT_DIR, readFile } from './markdown.ts';

export interface ProgramCopy {
  readonly dir: string;
  /** Applies a block of changes to a file. */
  change(file: string, lines: string): void;
  /**
   * Runs a program in it, which must succeed.
   * @returns its standard output
   */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): string;
  /** The same for a program that may fail. */
  tryRun(
    command: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): { readonly status: number | null; readonly stdout: string; readonly stderr: string };
  /** Checks it against the types and the rules of the folders. */
  check(): void;
  remove(): void;
}

/** @param parts - files and folders that are copied */
export function copyProgram(parts: readonly string[]): ProgramCopy {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-example-'));
  for (const name of parts) cpSync(path.join(ROOT_DIR, name), path.join(dir, name), { recursive: true });
  symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(dir, 'node_modules'));
  const copy: ProgramCopy = {
    dir,
    change: (name, lines) => {
      const file = path.join(dir, name);
      writeFileSync(file, patch(readFileSync(file, 'utf8'), lines));
    },
    tryRun: (command, args, env) => spawnSync(command, args, { cwd: dir, encoding: 'utf8', env }),
    run: (command, args, env) => {
      const { status, stdout, stderr } = copy.tryRun(command, args, env);
      assert.equal(status, 0, `${stdout}${stderr}`);
      return stdout;
    },
    check: () => {
      assert.deepEqual(findViolations(dir), []);
      writeFileSync(
        path.join(dir, 'tsconfig.json'),
        readFile('tsconfig.json').replace(
          '"include": ["src", "testing", "tests", "scripts"]',
          '"include": ["src"]',
        ),
      );
      copy.run(path.join(ROOT_DIR, 'node_modules/.bin/tsc'), ['-p', dir]);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
  return copy;
}

/**
 * Adds lines with `+` after the line before them in the block, and removes lines with `-`. The other lines are only
 * there to find the place.
 */
function patch(text: string, block: string): string {
  const lines = text.split('\n');
  let next = 0;
  for (const line of block.split('\n').filter((one) => one !== '')) {
    const content = line.slice(1);
    if (line.startsWith('+')) {
      lines.splice(next++, 0, content);
      continue;
    }
    next = lines.indexOf(content);
    assert.ok(next >= 0 && next === lines.lastIndexOf(content), `once in the file: ${content}`);
    if (line.startsWith('-')) lines.splice(next, 1);
    else next++;
  }
  return lines.join('\n');
}
