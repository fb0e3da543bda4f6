import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { assertTook, measureSlowness, until, withEnoughTime } from '../../testing/time-limits.ts';

const test = suite('time limits of tests');
const HOUR_MS = 3_600_000;

test('a wait for a condition that never holds ends, and names it', async () => {
  await assert.rejects(
    until(
      () => 'the postman',
      () => false,
      1,
    ),
    /^Error: waited 0.001 s in vain for the postman$/,
  );
});

test('a condition that becomes true ends the wait', async () => {
  let asked = 0;
  await until('the third time', async () => ++asked === 3);
  assert.equal(asked, 3);
});

test('the measured slowness is at least 1 and limited', async () => {
  const slowness = await measureSlowness();
  assert.ok(slowness >= 1 && slowness <= 15, String(slowness));
});

test('a time over the limit of a slow machine is a failure', async () => {
  await assertTook('nothing', 0, 1);
  await assert.rejects(
    assertTook('the delivery', HOUR_MS, 1_000),
    /the delivery took 3600000 ms; expected less than 1000/,
  );
});

test('what needs time is tried with twice the limit again and again, and the last try decides', async () => {
  const limits: number[] = [];
  const attempt = async (limitSec: number) => {
    limits.push(limitSec);
    return limitSec;
  };
  assert.equal(await withEnoughTime(attempt, (sec) => sec > 1, 0.5), 2);
  assert.equal(await withEnoughTime(attempt, () => false, 40), 80);
  assert.deepEqual(limits, [0.5, 1, 2, 40, 80]);
});

test.run();
