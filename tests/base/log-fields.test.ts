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

test('for an error of the program, the log names the functions on the stack and leaves out what the message quotes', () => {
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

test('for a fault in a transcript, the log has only the code; for one in a language folder, the text too', () => {
  assert.deepEqual(toLogFields(new TaskError('E_WORDS_UNKNOWN', 'a secret word')), {
    code: 'E_WORDS_UNKNOWN',
  });
  assert.deepEqual(toLogFields(new TaskError('E_IO', 'EIO')), { code: 'E_IO', error: 'EIO' });
});

test.run();
