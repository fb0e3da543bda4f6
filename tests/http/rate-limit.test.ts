import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'uvu';
import { Refusal } from '../../src/http/problem.ts';
import { OpenRequests } from '../../src/http/who/open-requests.ts';
import { RateLimit } from '../../src/http/who/rate-limit.ts';

test('a number of requests at once, then a number per second, for each client on its own', () => {
  let nowMs = 0;
  const limit = new RateLimit({ burst: 3, perSec: 0.5, what: 'requests', clock: () => nowMs });
  const take = (asker: string, count: number) => {
    let done = 0;
    let refusal: Refusal | null = null;
    for (let n = 0; n < count; n++) {
      try {
        limit.take(asker);
        done++;
      } catch (error) {
        assert.ok(error instanceof Refusal);
        refusal = error;
      }
    }
    return [done, refusal?.headers['Retry-After']];
  };
  assert.deepEqual(take('ann', 5), [3, '2']);
  assert.deepEqual(take('bob', 1), [1, undefined]);
  nowMs += 1_000;
  assert.deepEqual(take('ann', 1), [0, '1']);
  nowMs += 1_000;
  assert.deepEqual(take('ann', 2), [1, '2']);
  nowMs += 3_600_000;
  assert.deepEqual(take('ann', 5), [3, '2']);
});

test('of one user, only a number of requests is open at the same time, and those of others are not held up', () => {
  const open = new OpenRequests(2);
  const enter = (user: string) => {
    const response = new EventEmitter();
    open.enter(user, response as unknown as ServerResponse);
    return () => response.emit('close');
  };
  const [end] = [enter('ann'), enter('ann')];
  assert.throws(
    () => enter('ann'),
    (error) => error instanceof Refusal && error.status === 429 && error.headers['Retry-After'] === '5',
  );
  enter('bob');
  end();
  enter('ann');
  assert.throws(() => enter('ann'), Refusal);
});

test('a request whose client left before it was counted does not count', () => {
  const open = new OpenRequests(1);
  const gone = Object.assign(new EventEmitter(), { destroyed: true });
  open.enter('ann', gone as unknown as ServerResponse);
  open.enter('ann', new EventEmitter() as unknown as ServerResponse);
});

test.run();
