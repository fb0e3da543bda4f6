import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { findViolations } from './support/architecture.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

test('imports point down, each library has one door, and nothing is given to a shell', () => {
  assert.deepEqual(findViolations(ROOT_DIR), []);
});

interface Dependencies {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const ANY = 'engines/x.ts';
/** Files that may start programs. */
const DOOR = 'engines/process/run-process.ts';
const GIVES = /gives a shell/;
const MAKES = /a line for a shell/;
const PLACE = /writes a place by hand/;
const OTHERWISE = /reaches child_process by another way/;

/** A template of JavaScript code: `<x>` stands for a placeholder. */
const template = (text: string): string => `\`${text.replaceAll('<', '${').replaceAll('>', '}')}\`;`;

/** A line that breaks a rule, the file in which it is planted, and the expected message. */
const PLANTED: readonly (readonly [name: string, file: string, line: string, said: RegExp])[] = [
  [
    'a stage that knows the database',
    'pipeline/x.ts',
    "import { c } from '../db/c.ts';",
    /pipeline may not import db/,
  ],
  [
    'a type from above',
    'formats/x.ts',
    "import type { E } from '../engines/e.ts';",
    /formats may not import engines/,
  ],
  ['a re-export from above', 'base/x.ts', "export { c } from '../db/c.ts';", /base may not import db/],
  [
    'an import at run time',
    'lexicon/x.ts',
    "await import('../worker/w.ts');",
    /lexicon may not import worker/,
  ],
  ['a folder without a line', 'utils/x.ts', "import { b } from '../base/b.ts';", /utils has no line/],
  ['tests in the program', 'tasks/x.ts', "import { t } from '../../tests/t.ts';", /not part of the program/],
  [
    'scripts that need tests',
    '../scripts/x.ts',
    "import { t } from '../tests/t.ts';",
    /scripts may not import tests/,
  ],
  [
    'testing that needs scripts',
    '../testing/x.ts',
    "import { s } from '../scripts/s.ts';",
    /testing may not import scripts/,
  ],
  ['a second door to a library', 'worker/x.ts', "import pg from 'pg';", /only src\/db\/ may import pg/],
  ['a library without a door', 'cli/x.ts', "import chalk from 'chalk';", /chalk, which has no door/],
  [
    'a second spawn',
    'tasks/x.ts',
    "import { spawn } from 'node:child_process';",
    /only src\/engines\/process\/run-process\.ts/,
  ],
  ['a circle', 'base/b.ts', "import { b } from './b2.ts';", /a circle of imports: src\/base\/b2?\.ts -> /],
  ['an interval', ANY, template('tier <id> interval <n>'), PLACE],
  ['a tier in quotes', 'lexicon/x.ts', template('tier "<name>"'), PLACE],
  ['a tier as JSON', 'formats/x.ts', template('tier <JSON.stringify(tier.name)>, gone'), PLACE],
  ['a line', 'lexicon/x.ts', template('<name> line <line>: bad'), PLACE],
  ['a line and a column', 'db/x.ts', template('column <at.column>: bad'), PLACE],
  ['a file before what is wrong with it', 'tasks/x.ts', template('<file>: not used'), PLACE],
  ['a file of a recording', ANY, template('<audio.originalName>: too long'), PLACE],
  ['a message taken apart', 'cli/x.ts', "error.message.split('\\n')[0]", /splits a message/],
  ['the shell option', ANY, "spawn('mfa', [], { shell: true });", GIVES],
  ['the shell option in quotes', ANY, 'spawn(a, b, { "shell": true });', GIVES],
  ['the shell option by its variable', ANY, 'spawn(a, b, { shell });', GIVES],
  ['the shell option among others', ANY, 'spawn(a, b, { shell, cwd });', GIVES],
  ['the shell option by name', ANY, "spawn(a, b, { shell: '/bin/bash' });", GIVES],
  ['the shell option set later', ANY, 'options.shell = true;', GIVES],
  ['the shell option set by its name', ANY, "options['shell'] = true;", GIVES],
  ['a shell by name', ANY, "spawn('/bin/sh', ['-c', line]);", MAKES],
  ['a shell by name, its arguments elsewhere', ANY, "spawn('bash', args);", MAKES],
  ['a shell behind another program', ANY, "spawn('nice', ['sh', '-c', line]);", MAKES],
  ['a line for a shell', ANY, 'execFile(`env`, [`-S sh -c x`]);', MAKES],
  ['a program of a text', ANY, 'new Function(text)();', MAKES],
  ['a text that is run', ANY, 'eval(text);', MAKES],
  ['a start through a shell', DOOR, "import { exec } from 'node:child_process';", /imports exec from/],
  ['one that waits for it', DOOR, "import { execSync } from 'node:child_process';", /imports execSync from/],
  [
    'one by another name',
    DOOR,
    "import { exec as run } from 'node:child_process';",
    /imports exec as run from/,
  ],
  [
    'one among harmless ones',
    DOOR,
    "import {\n  spawn,\n  exec,\n} from 'node:child_process';",
    /imports exec from/,
  ],
  ['a bag of starts', DOOR, "import * as c from 'node:child_process';", OTHERWISE],
  ['a bag beside a name', DOOR, "import c, { spawn } from 'node:child_process';", OTHERWISE],
  ['the module under its old name', DOOR, "import { spawn } from 'child_process';", OTHERWISE],
  ['starts at run time', DOOR, "const { exec } = await import('node:child_process');", OTHERWISE],
  ['starts as a script has them', DOOR, "const { exec } = require('child_process');", OTHERWISE],
  ['starts from Node itself', ANY, "process.getBuiltinModule('node:child_process').exec(x);", OTHERWISE],
  ['starts passed on', DOOR, "export { exec } from 'node:child_process';", OTHERWISE],
  [
    'a start in another kind of file',
    'engines/x.mjs',
    "import { exec } from 'node:child_process';",
    /imports exec from/,
  ],
  ['the environment', 'engines/x.ts', "const p = process.env['PATH'];", /reads process\.env/],
  ['a query on jobs', 'db/x.ts', 'sql`SELECT FROM pgboss.job`;', /names the tables of pg-boss/],
  [
    'a name that another file has',
    'worker/x.ts',
    'export type b = 1;',
    /^b is exported by src\/base\/b\.ts and/,
  ],
  ['a file without end', 'worker/x.ts', '\n'.repeat(301), /has \d+ lines/],
];

for (const [name, file, line, said] of PLANTED) {
  test(`finds a planted violation: ${name}`, () => {
    const rootDir = copySmallProgram();
    try {
      assert.deepEqual(findViolations(rootDir), []);
      const target = path.join(rootDir, 'src', file);
      mkdirSync(path.dirname(target), { recursive: true });
      appendFileSync(target, `\n${line}\n`);
      const violations = findViolations(rootDir);
      assert.equal(violations.filter((violation) => said.test(violation)).length, 1, violations.join('\n'));
    } finally {
      rmSync(rootDir, { recursive: true, force: true });
    }
  });
}

test('a list of the commands is printed before any library is loaded', () => {
  const loaded = new Set<string>();
  const libraries = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*? from '([^']+)'/gm)) {
      if (specifier.startsWith('.')) load(path.resolve(path.dirname(file), specifier));
      else if (!specifier.startsWith('node:')) libraries.add(specifier);
    }
  };
  load(path.join(ROOT_DIR, 'src/cli/run.ts'));
  assert.deepEqual([...libraries], []);
  assert.ok(loaded.size < 20, `${loaded.size} files`);
});

test('a violation planted in a copy of the real program is found', () => {
  const rootDir = mkdtempSync(path.join(os.tmpdir(), 'autophon-architecture-'));
  try {
    cpSync(path.join(ROOT_DIR, 'src'), path.join(rootDir, 'src'), { recursive: true });
    appendFileSync(
      path.join(rootDir, 'src/base/errors.ts'),
      "\nimport type { Log } from '../base/log.ts';\nimport '../config.ts';\n",
    );
    assert.ok(
      findViolations(rootDir).includes('src/base/errors.ts: base may not import config (src/config.ts)'),
    );
  } finally {
    rmSync(rootDir, { recursive: true, force: true });
  }
});

test('every package is given by its exact version, and the lock file has the same', () => {
  const locked = readJson('package-lock.json') as { packages: Record<string, Dependencies> };
  const wanted = readJson('package.json') as Dependencies;
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
    for (const [name, version] of Object.entries(wanted[kind] ?? {})) {
      assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
    }
    assert.deepEqual(locked.packages['']?.[kind], wanted[kind]);
  }
});

test.run();

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(ROOT_DIR, file), 'utf8'));
}

function copySmallProgram(): string {
  const rootDir = mkdtempSync(path.join(os.tmpdir(), 'autophon-architecture-'));
  const files: Readonly<Record<string, string>> = {
    'src/base/b.ts': 'export const b = 1;',
    'src/base/b2.ts': "import { b } from './b.ts';",
    'src/db/c.ts': "import pg from 'pg';",
    'src/engines/e.ts': "import type { B } from '../base/b.ts'; // spawn(x, { shell: true })",
    'src/engines/process/run-process.ts':
      "import { type ChildProcess, spawn } from 'node:child_process';\nspawn(a, b, { shell: false });",
    'src/worker/w.ts': "/* import x from '../cli/main.ts' */",
    'src/environment.ts': 'export const all = process.env;',
    'scripts/s.ts': "import { spawnSync } from 'node:child_process'; console.log(process.env);",
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(rootDir, file)), { recursive: true });
    writeFileSync(path.join(rootDir, file), text);
  }
  return rootDir;
}
