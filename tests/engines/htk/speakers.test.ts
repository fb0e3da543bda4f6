import assert from 'node:assert/strict';
import { test } from 'uvu';
import { makeSpeakerOf } from '../../../src/engines/htk/speakers.ts';
import { fileOf } from '../../../testing/htk.ts';
import { assertMissing } from '../../support/missing.ts';

test('each tier is a speaker of its own file only', () => {
  const speakerOf = makeSpeakerOf(fileOf('a', '/a.wav', [], []));
  assert.deepEqual(['a-t1', 'a-t2'].map(speakerOf), ['S1', 'S2']);
  assertMissing(() => speakerOf('b-t1'), 'the speaker of a tier');
});

test.run();
