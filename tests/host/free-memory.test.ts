import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { readFreeMemory } from '../../src/host/free-memory.ts';

test('free memory follows from the tightest limit of machine and control groups, and cache counts as free', async () => {
  const rootDir = await mkdtemp(path.join(os.tmpdir(), 'autophon-memory-'));
  const put = async (name: string, text: string) => {
    const file = path.join(rootDir, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  try {
    assert.equal(await readFreeMemory(rootDir), null);
    await put('proc/meminfo', 'MemTotal: 9 kB\nMemAvailable:    1000 kB\n');
    assert.equal(await readFreeMemory(rootDir), 1_024_000);
    await put('proc/self/cgroup', '3:cpu:/other\n0::/a/b\n');
    await put('sys/fs/cgroup/a/b/memory.max', 'max\n');
    await put('sys/fs/cgroup/a/b/memory.current', '5\n');
    assert.equal(await readFreeMemory(rootDir), 1_024_000);
    await put('sys/fs/cgroup/a/memory.max', '500000\n');
    await put('sys/fs/cgroup/a/memory.current', '450000\n');
    await put('sys/fs/cgroup/a/memory.stat', 'anon 1\ninactive_file 200000\n');
    assert.equal(await readFreeMemory(rootDir), 250_000);
    await put('proc/self/cgroup', '4:memory:/c\n0::/a/b\n');
    await put('sys/fs/cgroup/memory/c/memory.limit_in_bytes', '9223372036854771712\n');
    await put('sys/fs/cgroup/memory/c/memory.usage_in_bytes', '100\n');
    await put('sys/fs/cgroup/memory/memory.limit_in_bytes', '1000\n');
    await put('sys/fs/cgroup/memory/memory.usage_in_bytes', '2000\n');
    assert.equal(await readFreeMemory(rootDir), 0);
  } finally {
    await rm(rootDir, { recursive: true });
  }
});

test.run();
