import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashFile } from '../../src/base/file-hash.ts';
import { suiteWithTempDir } from '../support/temp-dir.ts';

const test = suiteWithTempDir('hashes of files');

test('a file is hashed as a whole', async ({ dir }) => {
  const file = path.join(dir, 'talk.wav');
  const bytes = Buffer.alloc(300_000, 'abc');
  writeFileSync(file, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  assert.deepEqual(await hashFile(file), { sha256, bytes: 300_000 });
});

test('the hashing of a long recording ends when its signal does', async ({ dir }) => {
  const file = path.join(dir, 'talk.wav');
  writeFileSync(file, Buffer.alloc(300_000));
  const reason = new Error('ended');
  await assert.rejects(hashFile(file, AbortSignal.abort(reason)), reason);
});

test.run();
