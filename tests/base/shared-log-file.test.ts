import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import { SharedLogFile, type SharedLogFileOptions } from '../../src/base/shared-log-file.ts';
import { until } from '../../testing/time-limits.ts';

const MODULE = path.resolve(import.meta.dirname, '../../src/base/shared-log-file.ts');
const OPTIONS = { name: 'worker', maxBytes: 20_000, fileCount: 10_000, maxWaitingBytes: 1_000_000 };
const describeDropped = (count: number) => `dropped ${count}\n`;
const root = mkdtempSync(path.join(os.tmpdir(), 'autophon-shared-log-'));
let count = 0;

test.after(() => rmSync(root, { recursive: true, force: true }));

test('four processes that write while the file rotates lose no line, double none, and cut none', async () => {
  const dir = makeDir();
  const program = `
    import { SharedLogFile } from ${JSON.stringify(MODULE)};
    const file = new SharedLogFile({ ...${JSON.stringify({ ...OPTIONS, dir })}, describeDropped: () => 'dropped' });
    const [, who] = process.argv;
    for (let n = 0; n < 4000; n++) {
      file.write(who + ' ' + n + ' ' + 'x'.repeat(n % 150) + '\\n');
      // So that batches of all sizes meet.
      if (n % (37 + Number(who)) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await file.close();`;
  const writers = [0, 1, 2, 3].map((who) =>
    spawn(process.execPath, ['--input-type=module', '-e', program, String(who)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  const statuses = await Promise.all(writers.map(async (writer) => (await once(writer, 'close'))[0]));
  assert.deepEqual(statuses, [0, 0, 0, 0]);
  const files = readdirSync(dir);
  assert.ok(files.length > 10, `${files.length} files`);
  const lines = files
    .flatMap((file) => readFileSync(path.join(dir, file), 'utf8').split('\n'))
    .filter(Boolean);
  const expected = [0, 1, 2, 3].flatMap((who) =>
    Array.from({ length: 4000 }, (_, n) => `${who} ${n} ${'x'.repeat(n % 150)}`),
  );
  assert.deepEqual(lines.toSorted(), expected.toSorted());
});

test('a new file is begun at the set size, and the oldest files are removed', async () => {
  const dir = makeDir();
  const file = open({ dir, maxBytes: 1_000, fileCount: 3 });
  for (let n = 0; n < 50; n++) {
    file.write(`${String(n).padStart(3, '0')} ${'x'.repeat(95)}\n`);
    // Lines that are written together are one batch.
    if (n % 10 === 9)
      await until('the lines to be written', () => readAll(dir).includes(`${String(n).padStart(3, '0')} `));
  }
  await file.close();
  const files = readdirSync(dir).toSorted();
  assert.ok(files.length <= 3, files.join(' '));
  assert.ok(readAll(dir).includes('049 ') && !readAll(dir).includes('000 '));
});

test('a file that another program has moved or removed is begun again', async () => {
  const dir = makeDir();
  const file = open({ dir });
  file.write('one\n');
  await until('the first line', () => readAll(dir) === 'one\n');
  unlinkSync(path.join(dir, 'worker.log'));
  file.write('two\n');
  await until('the second line', () => readAll(dir) === 'two\n');
  await file.close();
});

test('a disk that does not answer costs a bounded number of lines: they are counted, and the others are kept', async () => {
  const dir = makeDir();
  const pipe = path.join(dir, 'worker.log');
  // Opening a pipe without a reader does not return until a reader comes, like a disk that hangs.
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const file = open({ dir, maxWaitingBytes: 1_000 });
  for (let n = 0; n < 100_000; n++) file.write(`line ${n}\n`);
  const found: string[] = [];
  createInterface({ input: createReadStream(pipe) }).on('line', (line) => found.push(line));
  await until('the disk to take lines again', () => found.some((line) => line.startsWith('dropped ')));
  file.write('after\n');
  await until('the next line', () => found.includes('after'));
  await file.close();
  const kept = found.filter((line) => line.startsWith('line '));
  assert.deepEqual(
    kept,
    Array.from({ length: kept.length }, (_, n) => `line ${n}`),
  );
  assert.ok(kept.length > 90 && kept.length < 200, `${kept.length} lines`);
  assert.ok(found.includes(`dropped ${100_000 - kept.length}`), found.slice(-2).join(' '));
});

test('what could not be written is tried again', async () => {
  const dir = makeDir();
  const file = open({ dir: path.join(dir, 'later') });
  file.write('one\n');
  mkdirSync(path.join(dir, 'later'));
  await until('the line', () => readAll(path.join(dir, 'later')) === 'one\n');
  await file.close();
});

test.run();

function makeDir(): string {
  count += 1;
  const dir = path.join(root, String(count));
  mkdirSync(dir);
  return dir;
}

function open(options: Partial<SharedLogFileOptions> & { readonly dir: string }): SharedLogFile {
  return new SharedLogFile({ ...OPTIONS, describeDropped, ...options });
}

function readAll(dir: string): string {
  const files = readdirSync(dir).toSorted(
    (one, other) => other.length - one.length || one.localeCompare(other),
  );
  return files.map((file) => readFileSync(path.join(dir, file), 'utf8')).join('');
}
