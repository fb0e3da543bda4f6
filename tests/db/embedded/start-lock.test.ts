import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'uvu';
import { takeStartLock } from '../../../src/db/embedded/start-lock.ts';

const MODULE_PATH = path.resolve(import.meta.dirname, '../../../src/db/embedded/start-lock.ts');

test('the second process waits until the first releases the lock', async () => {
  const key = `turn-${process.pid}-a`;
  const order: string[] = [];
  const first = await takeStartLock(key);
  const second = takeStartLock(key).then((startLock) => {
    order.push('second has it');
    return startLock;
  });
  await takeStartLock(`${key}-other`).then((other) => other[Symbol.asyncDispose]());
  order.push('first gives it back');
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
  assert.deepEqual(order, ['first gives it back', 'second has it']);
});

test('a process that is killed while it holds the lock loses it', async () => {
  const key = `turn-${process.pid}-b`;
  const script = `import { takeStartLock } from ${JSON.stringify(MODULE_PATH)};
    const startLock = await takeStartLock(${JSON.stringify(key)}); console.log('has it'); setInterval(() => startLock, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const next = takeStartLock(key);
  holder.kill('SIGKILL');
  await (await next)[Symbol.asyncDispose]();
});

test.run();
