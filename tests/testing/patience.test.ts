import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { assertTook, measureSlowness, until } from '../../testing/patience.ts';

const test = suite('patience');
const HOUR_MS = 3_600_000;

test('waiting in vain ends, and says for what', async () => {
  await assert.rejects(
    until(
      () => 'the postman',
      () => false,
      1,
    ),
    /^Error: waited 0.001 s in vain for the postman$/,
  );
});

test('what comes true is waited for', async () => {
  let asked = 0;
  await until('the third time', async () => ++asked === 3);
  assert.equal(asked, 3);
});

test('no machine is faster than an idle one, nor endlessly slow', async () => {
  const slowness = await measureSlowness();
  assert.ok(slowness >= 1 && slowness <= 15, String(slowness));
});

test('what took too long on any machine is a failure', async () => {
  await assertTook('nothing', 0, 1);
  await assert.rejects(
    assertTook('the delivery', HOUR_MS, 1_000),
    /the delivery took 3600000 ms; expected less than 1000/,
  );
});

test.run();
