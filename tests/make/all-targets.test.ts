import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(path.join(ROOT_DIR, name), 'utf8');
const tests = globSync('tests/**/*.test.ts', { cwd: ROOT_DIR }).map(read).join('\n');
const makefile = read('Makefile');

/** Every rule of the Makefile, with its prerequisites and commands. */
const rules = new Map(
  [...makefile.matchAll(/^([a-z][a-z-]*):([^#\n]*)(?:##.*)?\n((?:\t.*\n?)*)/gm)].map(
    ([, target = '', needs = '', recipe = '']) => [
      target,
      { needs: needs.split(' ').filter(Boolean), recipe },
    ],
  ),
);

/** What continuous integration itself runs: a target with all its prerequisites. */
function ranByCi(): Set<string> {
  const found = new Set<string>();
  const add = (target: string) => {
    found.add(target);
    for (const need of rules.get(target)?.needs ?? []) add(need);
  };
  for (const [, target = ''] of read('.ci/run').matchAll(/^make .*?(?<= )([a-z]+) 2>/gm)) add(target);
  return found;
}

/** Targets that a test runs: `make('status')` and the like, or the arguments of make. */
const ranByTests = new Set(
  [
    ...tests.matchAll(
      /(?:make|startMake|run)\((?:checkout, )?'([a-z-]+)'|\[\s*'([a-z-]+)',\s|-directory', '([a-z]+)'/g,
    ),
  ].flatMap(([, ...names]) => names),
);

test('every make target is run by a test or by continuous integration', () => {
  const ci = ranByCi();
  assert.ok(ci.has('check') && ci.has('lint') && rules.size > 20, [...ci].join(' '));
  assert.deepEqual(
    [...rules.keys()].filter((target) => !ci.has(target) && !ranByTests.has(target)),
    [],
  );
});

test('every target is in the list of targets that are not files', () => {
  const [, phony = ''] = /^\.PHONY: ((?:.*\\\n)*.*)$/m.exec(makefile) ?? [];
  assert.deepEqual(phony.split(/[\s\\]+/).toSorted(), [...rules.keys()].toSorted());
});

test('every script is run by a make target, another script or a test', () => {
  const names = readdirSync(path.join(ROOT_DIR, 'scripts'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  const queries = readdirSync(path.join(ROOT_DIR, 'scripts/sql')).map((name) => `sql/${name}`);
  const callers = [...rules.values()].map(({ recipe }) => recipe);
  for (const name of names.filter((one) => one.endsWith('.sh'))) callers.push(read(`scripts/${name}`));
  const called = [...callers, tests].join('\n');
  assert.deepEqual(
    [...names, ...queries].filter((name) => !called.includes(`/${name}`)),
    [],
  );
});

test.run();
