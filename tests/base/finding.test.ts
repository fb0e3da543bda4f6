import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { findingAt, formatFinding, formatPlace } from '../../src/base/finding.ts';

test('a place is written in one way, as much of it as is known', () => {
  const file = 'talk.TextGrid';
  assert.equal(formatPlace({ file }), 'talk.TextGrid');
  assert.equal(formatPlace({ file, tier: 'a "b"' }), String.raw`talk.TextGrid tier "a \"b\""`);
  assert.equal(
    formatPlace({ file, tier: 'ann', interval: 3, timeSec: 2 }),
    'talk.TextGrid tier "ann" interval 3 (2.00 s)',
  );
  assert.equal(
    formatPlace({ file, tier: 'ann', interval: 3, timeSec: 2, endSec: 2.5 }),
    'talk.TextGrid tier "ann" interval 3 (2.00 to 2.50 s)',
  );
});

test('lines and columns of a text come before tiers, and a point of a tier is no interval', () => {
  const file = 'talk.TextGrid';
  assert.equal(formatPlace({ file, line: 4, column: 7 }), 'talk.TextGrid line 4 column 7');
  assert.equal(formatPlace({ file, line: 4, tier: 'a', point: 2 }), 'talk.TextGrid line 4 tier "a" point 2');
});

test('a place that has a line is named by it, in place of tier and interval', () => {
  const place = { file: 'talk.srt', tier: 'ann', interval: 3, line: 7, timeSec: 2 };
  assert.equal(formatPlace(place), 'talk.srt line 7 (2.00 s)');
  assert.equal(formatPlace({ ...place, column: 4 }), 'talk.srt line 7 column 4 (2.00 s)');
});

test('a place among others of the same file needs no file', () => {
  assert.equal(formatPlace({ tier: 'ann', interval: 3, timeSec: 2 }), 'tier "ann" interval 3 (2.00 s)');
});

test('a finding keeps its place apart from its text, for programs, and people read both', () => {
  const place = { file: 'a', tier: 't', timeSec: 1, endSec: 2 };
  const finding = findingAt('W_DOUBTFUL', place, 'listen.');
  assert.deepEqual(finding, { code: 'W_DOUBTFUL', place, text: 'listen.' });
  assert.equal(formatFinding(finding), 'a tier "t" (1.00 to 2.00 s): listen.');
  assert.equal(formatFinding({ text: 'and 3 more' }), 'and 3 more');
});

test('a finding is one line, whatever its file is called', () => {
  assert.equal(
    formatFinding({ place: { file: 'a\nb.wav' }, text: 'too\nshort' }),
    String.raw`a\nb.wav: too\nshort`,
  );
});

test('the message of an error has a line for each of its faults', () => {
  const faults = [findingAt('E_IO', { file: 'a' }, 'one'), { code: 'E_IO', text: 'two' }] as const;
  const error = TaskError.ofFaults([...faults]);
  assert.deepEqual([error.message, error.faults], ['a: one\ntwo', faults]);
  const single = new TaskError('E_IO', 'gone', { place: { file: 'a', line: 2 } });
  assert.deepEqual(single.faults, [findingAt('E_IO', { file: 'a', line: 2 }, 'gone')]);
  assert.equal(single.message, 'a line 2: gone');
});

test.run();
