import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { type Checkout, copyCheckout } from '../support/checkout.ts';

const test = suite<{ checkout: Checkout }>('make targets that measure, at their smallest');

test.before((context) => {
  context.checkout = copyCheckout();
});

test.after(({ checkout }) => checkout[Symbol.dispose]());

test('make bench measures one benchmark beside another queue', async ({ checkout }) => {
  const { exitCode, stdout, stderr } = await checkout.make('bench', { values: ['ARGS=statements'] });
  assert.equal(exitCode, 0, stdout + stderr);
  assert.match(stdout, /\n\d of \d goals met, \d+ s\n$/);
});

test('make soak holds for some seconds without faults', async ({ checkout }) => {
  const values = ['MINUTES=0.05', 'INSTANCES=1', 'ARGS=--calm'];
  const { exitCode, stdout, stderr } = await checkout.make('soak', { values });
  assert.equal(exitCode, 0, stdout + stderr);
  assert.match(stdout, /\nIt held: /);
});

test.run();
