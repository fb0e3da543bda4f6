import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { missingProgram } from '../../scripts/model/search.ts';
import { type Checkout, copyCheckout } from '../support/checkout.ts';

const test = suite<{ checkout: Checkout }>('make targets for developers, in a folder with an odd name');

test.before((context) => {
  context.checkout = copyCheckout();
});

test.after(({ checkout }) => checkout[Symbol.dispose]());

/**
 * Runs a target that must succeed.
 * @returns its output
 */
async function run({ make }: Checkout, target: string, ...values: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await make(target, { values });
  assert.equal(exitCode, 0, `make ${target} ${values.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

test('make format fixes a file, and make lint finds it before', async ({ checkout }) => {
  const file = path.join(checkout.dir, 'src/base/time.ts');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replaceAll('  ', '      '));
  assert.equal((await checkout.make('lint')).exitCode, 2);
  await run(checkout, 'format');
  assert.equal(readFileSync(file, 'utf8'), good);
});

test('make test and make coverage run the tests that are asked for', async ({ checkout }) => {
  assert.match(await run(checkout, 'test', 'ARGS=base/bytes'), /\n3 passed, 0 failed\n$/);
  const covered = await run(checkout, 'coverage', 'ARGS=base/bytes');
  assert.match(covered, /\n3 passed, 0 failed\n/);
  assert.match(covered, /bytes\.ts +\| +100/);
  assert.equal((await checkout.make('test', { values: ['ARGS=no/such/test'] })).exitCode, 2);
});

test('make test-browser runs tests once there is a browser', async ({ checkout }) => {
  // As root, it would install one.
  if (!existsSync('/usr/bin/chromium')) return;
  assert.match(await run(checkout, 'test-browser', 'ARGS=base/bytes'), /\n3 passed, 0 failed\n$/);
});

test('make accuracy aligns the samples and reaches its goal', async ({ checkout }) => {
  assert.match(await run(checkout, 'accuracy'), /goal 95 %: reached\n$/);
});

test('make phones-page writes the page that is there', async ({ checkout }) => {
  mkdirSync(path.join(checkout.dir, 'docs'));
  await run(checkout, 'phones-page');
  assert.equal(
    readFileSync(path.join(checkout.dir, 'docs/phones.md'), 'utf8'),
    readFileSync(path.resolve(import.meta.dirname, '../../docs/phones.md'), 'utf8'),
  );
});

test('make schema writes the file that is there', async ({ checkout }) => {
  await run(checkout, 'schema');
  assert.equal(
    readFileSync(path.join(checkout.dir, 'migrations/schema.sql'), 'utf8'),
    readFileSync(path.resolve(import.meta.dirname, '../../migrations/schema.sql'), 'utf8'),
  );
});

test('make model checks one run, or names the programs that it needs', async ({ checkout }) => {
  const missing = await missingProgram();
  if (missing === null)
    assert.match(await run(checkout, 'model', 'ARGS=mutant-14'), /^mutant-14 .* violated /m);
  else assert.match((await checkout.make('model')).stderr, /is not installed/);
});

test.run();
