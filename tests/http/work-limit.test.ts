import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { Refusal } from '../../src/http/problem.ts';
import { WorkLimit } from '../../src/http/work-limit.ts';

const test = suite('limits of work for requests');

/** Work that ends when it is told to; `started` lists what has begun, in order. */
function bench(limit: WorkLimit) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const begin = (user: string, name: string, signal = new AbortController().signal) =>
    limit.run(user, signal, () => {
      started.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await turn();
  };
  return { started, begin, end };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('other requests wait, in the order of arrival', async () => {
  const { started, begin, end } = bench(new WorkLimit({ atOnce: 2, atOnceOfUser: 2 }));
  const all = ['a', 'b', 'c', 'd'].map((name) => begin('ann', name));
  await turn();
  assert.deepEqual(started, ['a', 'b']);
  await end('b');
  assert.deepEqual(started, ['a', 'b', 'c']);
  for (const name of ['a', 'c', 'd']) await end(name);
  await Promise.all(all);
  assert.deepEqual(started, ['a', 'b', 'c', 'd']);
});

test('one user does not delay another', async () => {
  const { started, begin, end } = bench(new WorkLimit({ atOnce: 3, atOnceOfUser: 2 }));
  for (const name of ['a1', 'a2', 'a3', 'a4']) void begin('ann', name);
  for (const name of ['b1', 'b2']) void begin('bob', name);
  await turn();
  assert.deepEqual(started, ['a1', 'a2', 'b1']);
  await end('b1');
  assert.deepEqual(started, ['a1', 'a2', 'b1', 'b2']);
  await end('a1');
  assert.deepEqual(started, ['a1', 'a2', 'b1', 'b2', 'a3']);
});

test('more requests than may wait are refused, with a time to try again', async () => {
  const { begin } = bench(new WorkLimit({ atOnce: 1, waitingOfUser: 2 }));
  for (const name of ['a', 'b', 'c']) void begin('ann', name);
  await assert.rejects(begin('ann', 'd'), (error) => {
    assert.ok(error instanceof Refusal);
    assert.deepEqual([error.status, error.fault.code], [429, 'E_LIMIT']);
    assert.match(error.headers['Retry-After'] ?? '', /^\d+$/);
    return true;
  });
  void begin('bob', 'b1');
});

test('a client that leaves while it waits gives up its place in the queue', async () => {
  const { started, begin, end } = bench(new WorkLimit({ atOnce: 1, waitingOfUser: 1 }));
  void begin('ann', 'a');
  const gone = new AbortController();
  const waiting = begin('ann', 'b', gone.signal);
  gone.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  const next = begin('ann', 'c');
  await end('a');
  assert.deepEqual(started, ['a', 'c']);
  await end('c');
  await next;
});

test('work that fails frees its place', async () => {
  const limit = new WorkLimit({ atOnce: 1 });
  const signal = new AbortController().signal;
  const broken = limit.run('ann', signal, () => Promise.reject(new Error('broken')));
  const next = limit.run('ann', signal, async () => 'done');
  await assert.rejects(broken, /broken/);
  assert.equal(await next, 'done');
});

test.run();
