import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'uvu';
import { takeTurn } from '../../../src/db/embedded/turn.ts';

const MODULE_PATH = path.resolve(import.meta.dirname, '../../../src/db/embedded/turn.ts');

test('one after the other: the second waits until the first is done', async () => {
  const key = `turn-${process.pid}-a`;
  const order: string[] = [];
  const first = await takeTurn(key);
  const second = takeTurn(key).then((turn) => {
    order.push('second has it');
    return turn;
  });
  await takeTurn(`${key}-other`).then((other) => other[Symbol.asyncDispose]());
  order.push('first gives it back');
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
  assert.deepEqual(order, ['first gives it back', 'second has it']);
});

test('one that is killed while it has its turn loses it', async () => {
  const key = `turn-${process.pid}-b`;
  const script = `import { takeTurn } from ${JSON.stringify(MODULE_PATH)};
    const turn = await takeTurn(${JSON.stringify(key)}); console.log('has it'); setInterval(() => turn, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const next = takeTurn(key);
  holder.kill('SIGKILL');
  await (await next)[Symbol.asyncDispose]();
});

test.run();
