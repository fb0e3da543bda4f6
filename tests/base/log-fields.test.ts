import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TaskError, toLogFields } from '../../src/base/errors.ts';

function readsAGrid(): never {
  throw new TypeError('a secret word\n    at secret (elsewhere.ts:1:1)');
}

function catchFrom(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
}

test('of an error of the program, the log has the functions that it came from and not what it quotes', () => {
  for (const error of [
    catchFrom(readsAGrid),
    new TaskError('E_INTERNAL', 'a secret word', { cause: catchFrom(readsAGrid) }),
  ]) {
    const fields = toLogFields(error);
    assert.equal(fields.code, 'E_INTERNAL');
    assert.match(fields.at?.[0] ?? '', /^at readsAGrid \(.*log-fields\.test\.ts:\d+:\d+\)$/);
    assert.doesNotMatch(JSON.stringify(fields), /secret/);
  }
});

test('of a fault in a transcript, the log has the code alone; of one in a folder, the text too', () => {
  assert.deepEqual(toLogFields(new TaskError('E_WORDS_UNKNOWN', 'a secret word')), {
    code: 'E_WORDS_UNKNOWN',
  });
  assert.deepEqual(toLogFields(new TaskError('E_IO', 'EIO')), { code: 'E_IO', error: 'EIO' });
});

test.run();
