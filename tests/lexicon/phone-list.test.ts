import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parsePhoneList } from '../../src/lexicon/phone-list.ts';

function phonesOf(text: string): readonly string[] {
  const { phones, problems } = parsePhoneList(text);
  assert.deepEqual(problems, []);
  return phones;
}

test('a list in brackets, on one line or over several, in any quotes', () => {
  const expected = ['AA0', '°', '5', 'no', "j'", '"', 'é'];
  assert.deepEqual(phonesOf(`phones: [AA0, "°", 5, no, 'j''', "\\"", "\\u00e9"]`), expected);
  assert.deepEqual(
    phonesOf(`phones: ["AA0",\r\n  '°', # degree\r\n\r\n 5, no,\n  "j'", '"', é\n]\n`),
    expected,
  );
  assert.deepEqual(phonesOf('phones:\n  [\n    a,\n    "b",\n  ]\n'), ['a', 'b']);
});

test('a list of lines', () => {
  assert.deepEqual(phonesOf('phones: # all\n- AA0\n  - "@"\n\n# vowels\n- e # like bed\nversion: 1\n- x\n'), [
    'AA0',
    '@',
    'e',
  ]);
});

test('other keys are passed over', () => {
  assert.deepEqual(phonesOf('features:\n  phones: 3\n  type: mfcc\nversion: 2.0\nphones: [a]\narch: [b]\n'), [
    'a',
  ]);
});

const WRONG: readonly (readonly [text: string, line: number, message: RegExp])[] = [
  ['version: 1\n', 1, /expected a list "phones: \[\.\.\.\]", found none/],
  ['x: 1\nphones: a b\n', 2, /expected "\[" after "phones:"/],
  ['phones: [a,\n b c]', 2, /expected "," or "\]", found "c"/],
  ['phones: [a,\n b', 1, /no closing "\]"/],
  ['phones: [@, a]', 1, /expected a phone, found "@, a\]"; put .* in double quotes/],
  ['phones: [a,, b]', 1, /expected a phone/],
  ['phones:\n- a\n- b c\n', 3, /expected a phone, found "b c"/],
  ['phones: []', 1, /is empty/],
  ['phones:\n', 1, /is empty/],
];

for (const [text, line, message] of WRONG) {
  test(`a mistake has its line: ${JSON.stringify(text)}`, () => {
    const [problem] = parsePhoneList(text).problems;
    assert.equal(problem?.line, line);
    assert.match(problem?.message ?? '', message);
  });
}

test.run();
