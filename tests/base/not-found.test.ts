import assert from 'node:assert/strict';
import { test } from 'uvu';
import { whyNotFound } from '../../src/base/not-found.ts';

test('a path in a folder that this user may not enter is not called missing', () => {
  const told = (code: string) => whyNotFound(Object.assign(new Error(code), { code }), 'file or folder');
  assert.equal(told('ENOENT'), 'no such file or folder');
  assert.equal(told('ENOTDIR'), 'no such file or folder');
  assert.match(told('EACCES'), /^this user may not look into its folder, or into one above it \(EACCES\); /);
  assert.equal(told('ELOOP'), 'it cannot be found (ELOOP)');
});

test.run();
