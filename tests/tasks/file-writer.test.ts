import assert from 'node:assert/strict';
import { test } from 'uvu';
import { FileWriter } from '../../src/tasks/file-writer.ts';

const MAY = () => {};

/** A file whose writes end when they are told to. */
function slowFile() {
  const written: { readonly position: number; readonly text: string }[] = [];
  const waiting: ((bytes: number) => void)[] = [];
  return {
    written,
    async writev(pieces: readonly Buffer[], position: number) {
      const all = Buffer.concat(pieces);
      const bytesWritten = await new Promise<number>((resolve) => waiting.push(resolve));
      const taken = all.subarray(0, bytesWritten);
      written.push({ position, text: taken.toString() });
      return { bytesWritten: taken.length };
    },
    /** Lets the current write end after a number of bytes. */
    async take(bytes = Number.POSITIVE_INFINITY) {
      waiting.shift()?.(bytes);
      await new Promise(setImmediate);
    },
  };
}

test('the writer of a file that arrives writes the first bytes at once, and bytes that arrived meanwhile in one write', async () => {
  const file = slowFile();
  const writer = new FileWriter(file, 10, MAY);
  for (const piece of ['one ', 'two ', '', 'three']) await writer.add(Buffer.from(piece));
  const ended = writer.end();
  await file.take();
  await file.take();
  await ended;
  assert.deepEqual(file.written, [
    { position: 10, text: 'one ' },
    { position: 14, text: 'two three' },
  ]);
});

test('the writer of a file that arrives goes on after a disk has written less than it was given', async () => {
  const file = slowFile();
  const writer = new FileWriter(file, 0, MAY);
  for (const piece of ['a', 'bcd', 'ef', 'gh']) await writer.add(Buffer.from(piece));
  const ended = writer.end();
  for (const bytes of [1, 4, 1, 2]) await file.take(bytes);
  await ended;
  assert.deepEqual(file.written, [
    { position: 0, text: 'a' },
    { position: 1, text: 'bcde' },
    { position: 5, text: 'f' },
    { position: 6, text: 'gh' },
  ]);
});

test('the writer of a file that arrives lets the sender wait while a mebibyte waits for the disk', async () => {
  const file = slowFile();
  const writer = new FileWriter(file, 0, MAY);
  await writer.add(Buffer.alloc(1));
  let isTaken = false;
  const taken = writer.add(Buffer.alloc(1024 * 1024)).then(() => {
    isTaken = true;
  });
  await new Promise(setImmediate);
  assert.equal(isTaken, false);
  await file.take();
  await taken;
  await file.take();
  await writer.end();
});

test('the writer of a file that arrives reports the error of a write, and writes nothing after it', async () => {
  let writes = 0;
  const full = {
    writev: async () => {
      writes++;
      throw new Error('no space left');
    },
  };
  const writer = new FileWriter(full, 0, MAY);
  await writer.add(Buffer.from('a'));
  await writer.add(Buffer.from('b'));
  await assert.rejects(writer.end(), /no space left/);
  await assert.rejects(writer.add(Buffer.from('c')), /no space left/);
  assert.equal(writes, 1);
});

test('the writer of a file that arrives writes nothing when it must not any more', async () => {
  const file = slowFile();
  let mayWrite = true;
  const writer = new FileWriter(file, 0, () => {
    if (!mayWrite) throw new Error('the lock is lost');
  });
  await writer.add(Buffer.from('a'));
  await writer.add(Buffer.from('b'));
  mayWrite = false;
  await file.take();
  await assert.rejects(writer.end(), /the lock is lost/);
  assert.deepEqual(file.written, [{ position: 0, text: 'a' }]);
});

test.run();
