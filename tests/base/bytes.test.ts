import assert from 'node:assert/strict';
import { test } from 'uvu';
import { formatBytes, parseBytes } from '../../src/base/bytes.ts';

test('sizes are read as people write them', () => {
  const read = ['0', '512', '1K', '256M', '1.5G', '2 TB', '1GiB', '3k'].map(parseBytes);
  assert.deepEqual(read, [0, 512, 1024, 2 ** 28, 1.5 * 2 ** 30, 2 ** 41, 2 ** 30, 3072]);
});

test('a text that is not a size is refused', () => {
  for (const text of ['', 'G', '-1', '1e9', '1,5G', '0x10', '99999999999T', '1 G B']) {
    assert.equal(parseBytes(text), null, text);
  }
});

test('sizes are shown in the largest unit that they fill', () => {
  const shown = [0, 1023, 1536, 2 ** 28, 2 ** 30, 5 * 2 ** 50].map(formatBytes);
  assert.deepEqual(shown, ['0 bytes', '1023 bytes', '1.5 KiB', '256 MiB', '1 GiB', '5120 TiB']);
});

test.run();
