import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import { findInText } from '../../src/page/home/place-in-text.ts';

const LONG = readFileSync('samples/broken/textgrid-overlap/train.TextGrid', 'utf8');
const SHORT = [
  ...['File type = "ooTextFile"', 'Object class = "TextGrid"', '', '0', '2', '<exists>', '2'],
  ...['"IntervalTier"', '"ann"', '0', '2', '1', '0', '2', '"one"'],
  ...['"IntervalTier"', '"ben ""B"""', '0', '2', '2', '0', '1', '"two"', '1', '2', '"three"'],
].join('\n');

function found(text: string, place: Parameters<typeof findInText>[1]): string {
  return text.slice(...findInText(text, place));
}

test('a line is found by its number, from the column on', () => {
  assert.equal(found('a\nbcd\ne', { line: 2 }), 'bcd');
  assert.equal(found('a\nbcd\ne', { line: 2, column: 2 }), 'cd');
  assert.equal(found('a\nbcd\ne', { line: 3 }), 'e');
  assert.equal(found('a\nb', { line: 9 }), 'b');
});

test('an interval of a long TextGrid is found with its times and its label', () => {
  assert.match(
    found(LONG, { tier: 'reader', interval: 3 }),
    /^intervals \[3\]:?\s+xmin = 1\.09.*text = ".*"$/s,
  );
  assert.match(found(LONG, { tier: 'reader' }), /^name = "reader"/);
  assert.equal(found(LONG, { tier: 'nobody', interval: 1 }), '');
});

test('an interval of a short TextGrid is found by counting lines of its tier', () => {
  assert.equal(found(SHORT, { tier: 'ann', interval: 1 }), '0');
  const [start] = findInText(SHORT, { tier: 'ben "B"', interval: 2 });
  assert.ok(SHORT.slice(start).startsWith('1\n2\n"three"'));
});

test('a finding about the whole file shows its beginning', () => {
  assert.deepEqual(findInText(LONG, {}), [0, 0]);
});

test.run();
