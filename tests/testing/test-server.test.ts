import assert from 'node:assert/strict';
import { test } from 'uvu';
import { fitsInMemory } from '../../testing/test-server.ts';

const GIB = 1024 ** 3;

test('databases of tests are kept in memory where there is enough of it, and programs can run from there', () => {
  const mounts = (options: string) =>
    `/dev/sda1 / ext4 rw 0 0\ntmpfs /dev/shm tmpfs ${options} 0 0\ntmpfs /run tmpfs rw 0 0\n`;
  assert.equal(fitsInMemory(mounts('rw,nosuid,nodev'), 5 * GIB), true);
  assert.equal(fitsInMemory(mounts('rw,nosuid,nodev'), 3 * GIB), false);
  assert.equal(fitsInMemory(mounts('rw,nosuid,nodev,noexec'), 5 * GIB), false);
  assert.equal(fitsInMemory('/dev/sda1 / ext4 rw 0 0\n', 5 * GIB), false);
});

test.run();
