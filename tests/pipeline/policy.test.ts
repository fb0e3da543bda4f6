import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { SitePolicy } from '../../src/base/site-policy.ts';
import { policyOf } from '../../src/pipeline/stage.ts';

const SITE: SitePolicy = {
  formats: ['csv'],
  channels: 'mix',
  cuts: 'never',
  search: 'wide',
  partialResults: 'allow',
  unknownWords: 'fail',
};

test('a task without choices uses the policy of the site, with each tier a speaker', () => {
  for (const choices of [
    undefined,
    {},
    { partialResults: null, search: null, channels: null, formats: null },
  ])
    assert.deepEqual(policyOf(SITE, choices), { ...SITE, speakers: 'tiers' });
});

test('choices of a task override the policy of the site', () => {
  assert.deepEqual(
    policyOf(SITE, {
      partialResults: 'fail',
      speakers: 'names',
      search: 'usual',
      channels: 'split:Anna,Ben',
      formats: ['json'],
    }),
    {
      ...SITE,
      channels: 'split:Anna,Ben',
      formats: ['json'],
      partialResults: 'fail',
      speakers: 'names',
      search: 'usual',
    },
  );
});

test('a policy has a fixed order of keys, so that equal inputs give equal bytes', () => {
  const names = ['unknownWords', 'partialResults', 'speakers', 'search', 'cuts', 'channels', 'formats'];
  assert.deepEqual(Object.keys(policyOf(SITE, { search: 'usual' })), names);
});

test.run();
