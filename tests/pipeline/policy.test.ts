import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { SitePolicy } from '../../src/base/site-policy.ts';
import { policyOf } from '../../src/pipeline/stage.ts';

const SITE: SitePolicy = { cuts: 'never', search: 'wide', partialResults: 'allow', unknownWords: 'fail' };

test('a task that chooses nothing is worked off as its site says, each tier a speaker', () => {
  for (const choices of [undefined, {}, { partialResults: null, search: null }])
    assert.deepEqual(policyOf(SITE, choices), { ...SITE, speakers: 'tiers' });
});

test('what a task chooses goes before what its site says', () => {
  assert.deepEqual(policyOf(SITE, { partialResults: 'fail', speakers: 'names', search: 'usual' }), {
    ...SITE,
    partialResults: 'fail',
    speakers: 'names',
    search: 'usual',
  });
});

test('a policy has the order of the manifest, whatever that of the settings, so that equal inputs give equal bytes', () => {
  const names = ['unknownWords', 'partialResults', 'speakers', 'search', 'cuts'];
  assert.deepEqual(Object.keys(policyOf(SITE, { search: 'usual' })), names);
});

test.run();
