import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'uvu';
import { killGroup, stopGroup } from '../../../src/engines/process/group.ts';
import { findProcesses } from '../../support/processes.ts';

const ACTOR = path.resolve(import.meta.dirname, '../../fixtures/bin/proc-actor.mjs');

test('a process group that ends at SIGTERM is not killed', async () => {
  const { pid, exited } = await startGroup('out', 'up\n', 'hang');
  assert.equal(await stopGroup(pid), true);
  assert.deepEqual(await exited, [null, 'SIGTERM']);
});

test('a group that ignores SIGTERM is killed with all its members', async () => {
  const marker = randomUUID();
  const { pid, exited } = await startGroup('ignore-term', 'child', marker, 'out', 'up\n', 'hang', marker);
  assert.equal(await stopGroup(pid), true);
  assert.deepEqual(await exited, [null, 'SIGKILL']);
  assert.deepEqual(findProcesses(marker), []);
});

test('members that outlived their leader are killed', async () => {
  const marker = randomUUID();
  const { pid, exited } = await startGroup('child', marker, 'out', 'up\n', 'exit', '0');
  await exited;
  assert.equal(findProcesses(marker).length, 1);
  assert.equal(await killGroup(pid), true);
  assert.deepEqual(findProcesses(marker), []);
});

test('stopping a process group that has ended does nothing', async () => {
  const { pid, exited } = await startGroup('out', 'up\n', 'exit', '0');
  await exited;
  assert.equal(await stopGroup(pid), true);
  assert.equal(await killGroup(pid), true);
});

test.run();

/** A group without the guard, up to its first output. */
async function startGroup(...actions: string[]): Promise<{ pid: number; exited: Promise<unknown[]> }> {
  const child = spawn(process.execPath, [ACTOR, ...actions], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, exited };
}
