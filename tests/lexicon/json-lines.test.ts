import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parseJsonWithLines } from '../../src/lexicon/json-lines.ts';

test('values are those of JSON.parse', () => {
  const text =
    '{"a": [1, -2.5e3, true, false, null, "x\\u00e9\\n\\"y\\" 𝄞"], "b": {}, "": [], "c": {"d": [[]]}}';
  assert.equal(JSON.stringify(parseJsonWithLines(text).value), JSON.stringify(JSON.parse(text)));
});

test('each object and list knows its line', () => {
  const { value, lineOf } = parseJsonWithLines('\uFEFF[\n  {"a":\n 1},\r\n\n {"b": [\n]}\n]');
  const [first, second] = value as [object, { b: object }];
  assert.deepEqual([lineOf(value as object), lineOf(first), lineOf(second), lineOf(second.b)], [1, 2, 5, 5]);
});

const WRONG: readonly (readonly [text: string, line: number, column: number, message: RegExp])[] = [
  ['', 1, 1, /expected a value, found the end of the file/],
  ['[1,\n 2', 2, 3, /expected "," or "\]", found the end of the file/],
  ['[1,\n]', 2, 1, /expected a value, found "\]"/],
  ['{"a": 1,\n  b: 2}', 2, 3, /expected a name in double quotes, found "b"/],
  ['{"a" 1}', 1, 6, /expected ":", found "1"/],
  ['{"a": 1 "b": 2}', 1, 9, /expected "," or "}"/],
  ["['a']", 1, 2, /expected a value, found "'"/],
  ['["a\nb"]', 1, 2, /expected a value/],
  ['["a\tb"]', 1, 4, /expected no control character in a text, found "\\t"/],
  ['[1] [2]', 1, 5, /expected the end of the file/],
  ['['.repeat(100_000), 1, 66, /less nesting/],
];

for (const [text, line, column, message] of WRONG) {
  test(`a mistake is placed: ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.throws(() => parseJsonWithLines(text), { name: 'JsonError', line, column, message });
  });
}

test('a name of the object prototype is a name like any other', () => {
  const { value } = parseJsonWithLines('{"__proto__": {"a": 1}, "constructor": 2}');
  assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor']);
  assert.equal((value as Record<string, unknown>)['a'], undefined);
});

test.run();
