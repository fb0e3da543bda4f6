import assert from 'node:assert/strict';
import { test } from 'uvu';
import { Company } from '../../src/worker/company.ts';

const never = new AbortController().signal;
/** Lets everything that may go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await settle();
  return done;
}

test('tasks run beside each other, and one that is to be alone waits for them; nobody else comes in meanwhile', async () => {
  const company = new Company();
  const leaveFirst = await company.join(false, never);
  const leaveSecond = await company.join(false, never);
  const alone = company.join(true, never);
  const next = company.join(false, never);
  const open = company.open(never);
  leaveFirst();
  assert.deepEqual([await isDone(alone), await isDone(next), await isDone(open)], [false, false, false]);
  leaveSecond();
  assert.deepEqual([await isDone(alone), await isDone(next), await isDone(open)], [true, false, false]);
  (await alone)();
  assert.deepEqual([await isDone(next), await isDone(open)], [true, true]);
});

test('two that are to be alone run one after the other', async () => {
  const company = new Company();
  const [first, second] = [company.join(true, never), company.join(true, never)];
  assert.deepEqual([await isDone(first), await isDone(second)], [true, false]);
  (await first)();
  assert.equal(await isDone(second), true);
  const next = company.open(never);
  assert.equal(await isDone(next), false);
  (await second)();
  assert.equal(await isDone(next), true);
});

test('a worker that stops, or a task that is cancelled, does not wait any longer', async () => {
  const company = new Company();
  await company.join(false, never);
  const controller = new AbortController();
  const alone = company.join(true, controller.signal);
  const open = company.open(controller.signal);
  assert.equal(await isDone(alone), false);
  controller.abort();
  assert.deepEqual([await isDone(alone), await isDone(open)], [true, true]);
});

test.run();
