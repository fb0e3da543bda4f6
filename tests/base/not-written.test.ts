import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { toNotWritten } from '../../src/base/not-written.ts';

/** What the user is told for an error of the system. */
function toldFor(code: string): readonly [string, string, string | undefined] {
  const told = toNotWritten(Object.assign(new Error(code), { code }), 'out/talk.eaf', 'remove it');
  assert.ok(told instanceof TaskError);
  return [told.code, told.faults[0]?.text ?? '', told.faults[0]?.place?.file];
}

test('a full disk is reported with the file that did not fit, not with its source', () => {
  for (const code of ['ENOSPC', 'EDQUOT']) {
    const text = `the disk is full (${code}); free disk space, or give a name on another disk`;
    assert.deepEqual(toldFor(code), ['E_DISK_FULL', text, 'out/talk.eaf']);
  }
});

test('a folder that takes no file is the fault of the request, other errors stay what they are', () => {
  assert.deepEqual(toldFor('EROFS').slice(0, 2), [
    'E_USAGE',
    'this user may not write into its folder (EROFS); give a name in another folder',
  ]);
  const other = Object.assign(new Error('EIO'), { code: 'EIO' });
  assert.equal(toNotWritten(other, 'a', 'b'), other);
});

test.run();
