import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { ROOT_DIR, readFile, tableRows } from './markdown.ts';

/** The tests of each loss, as "make test" finds them: the path below `tests/`, without `.test.ts`. */
const TESTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['a long interval whose text has extra or missing sentences', ['pipeline/align/cuts']],
  ['the same in an interval up to 30 s', ['pipeline/align/cuts']],
  [
    'an interval comes back with missing or other words',
    ['pipeline/align/match-losses', 'pipeline/align/mismatches', 'pipeline/align/second-run'],
  ],
  ['an interval comes back empty', ['pipeline/align/match-losses', 'pipeline/engines', 'engines/mfa/mfa2']],
  [
    'nothing of the whole task comes back, or the model does not work',
    [
      'pipeline/align/losses',
      'engines/mfa/mfa1',
      'engines/mfa/mfa2',
      'engines/htk/fase',
      'pipeline/align/engine-faults',
    ],
  ],
  ['the same task twice, or on two machines', ['engines/conformance']],
  ['an interval under 0.1 s', ['pipeline/align/losses']],
  ['labels past the end of the audio', ['pipeline/align/losses', 'pipeline/run']],
  ['an interval without length, or overlapping another', ['pipeline/engines', 'formats/check-tiers']],
  [
    'a recording that is empty, cut short, or not audio',
    [
      'formats/wav-header',
      'pipeline/engines',
      'engines/mfa/mfa1',
      'engines/mfa/driver',
      'engines/mfa/messages',
      'engines/htk/fave',
      'engines/htk/fase',
    ],
  ],
  [
    'audio of 24 bits, floating point, or compressed',
    ['pipeline/align/losses', 'pipeline/prepare/decode-audio'],
  ],
  ['a low rate, or stereo', ['pipeline/engines', 'engines/htk/fase']],
  ['a transcript, or a tier, without words', ['pipeline/run', 'engines/mfa/traps']],
  [
    'words that are in no dictionary',
    ['pipeline/align/engine-faults', 'pipeline/align/losses', 'pipeline/run', 'engines/htk/fase'],
  ],
  [
    'a program that it needs is missing',
    ['engines/mfa/mfa2', 'engines/htk/fave', 'engines/htk/fave-health', 'engines/htk/fase'],
  ],
  ['it dies, hangs, or is silent for too long', ['pipeline/engines', 'pipeline/align/losses']],
  [
    'sentences in the text that are not said',
    ['engines/sphinx/sphinx', 'engines/sphinx/divide', 'pipeline/align/mismatches'],
  ],
  ['speech that the text does not have', ['engines/sphinx/sphinx', 'engines/sphinx/mismatch-measures']],
  ['sentences in another order than they are said', ['engines/sphinx/anchors']],
  ['the text of another recording', ['engines/sphinx/divide', 'engines/sphinx/sphinx']],
  ['an utterance that cannot be decoded', ['engines/mfa/mfa1', 'engines/mfa/reports']],
  ['an utterance outside the beam of the passes that adapt to speakers', ['pipeline/align/second-run']],
  [
    'a missing model or dictionary, a model that is not a zip',
    ['engines/mfa/driver', 'pipeline/align/engine-faults'],
  ],
  ['a phone that the model does not have', ['engines/mfa/driver']],
  ['an utterance outside the beam', ['pipeline/align/second-run']],
  ['one speaker of several is left', ['engines/mfa/output']],
  ['a first phone like a probability', ['engines/mfa/mfa2']],
  ['intervals that cannot be aligned', ['engines/htk/fave', 'engines/htk/file-parts']],
  ['an interval under 50 ms, or past the end', ['engines/htk/fave']],
  ['an HTK without the change that FAVE needs', ['engines/htk/fave']],
  ['one interval that cannot be aligned', ['engines/htk/fase-losses']],
  [
    'an interval of 20 ms, one past the end, a phone that the model does not have',
    ['engines/htk/fase-losses'],
  ],
]);

const losses = tableRows(readFile('docs/engine-losses.md'), 'what', 'by itself', 'what the user sees');

test('each loss of an engine names what the user sees, or that it cannot happen', () => {
  assert.ok(losses.length > 30);
  for (const [what = '', , seen = ''] of losses) assert.match(seen, /\b[EW]_[A-Z]|\bnothing\b/, what);
});

test('each loss of an engine has tests', () => {
  assert.deepEqual(
    losses.map(([what]) => what),
    [...TESTS.keys()],
  );
  for (const name of [...TESTS.values()].flat())
    assert.ok(existsSync(path.join(ROOT_DIR, `tests/${name}.test.ts`)), name);
});

test.run();
