import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'uvu';
import { inOrder } from '../../src/base/in-order.ts';

/** Waits for the given number of turns of the event loop; the first call waits longest. */
class Work {
  running = 0;
  most = 0;
  readonly do = async (turns: number): Promise<number> => {
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    this.running -= 1;
    if (turns === 7) throw new Error('seven');
    return turns;
  };
}

async function all(items: readonly number[], work: Work): Promise<number[]> {
  const results: number[] = [];
  for await (const one of inOrder(items, 3, work.do)) results.push(one);
  return results;
}

test('results come in the order of their items, from no more work at a time than allowed', async () => {
  const work = new Work();
  const items = [9, 1, 5, 0, 3, 2];
  assert.deepEqual(await all(items, work), items);
  assert.equal(work.most, 3);
  assert.deepEqual(await all([], work), []);
});

test('an error comes in its turn, after which no work runs', async () => {
  const work = new Work();
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const one of inOrder([1, 7, 9, 7], 4, work.do)) seen.push(one);
  }, /seven/);
  assert.deepEqual(seen, [1]);
  assert.equal(work.running, 0);
});

test('when the reader stops, no work is left running', async () => {
  const work = new Work();
  for await (const one of inOrder([1, 9, 9, 9, 9], 3, work.do)) if (one === 1) break;
  assert.equal(work.running, 0);
});

test.run();
