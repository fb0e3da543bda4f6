import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parseResultFormats, RESULT_FORMATS } from '../../src/base/result-kinds.ts';

test('a list is read in any order, with capital letters, blanks and repetitions, into the order of the program', () => {
  assert.deepEqual(parseResultFormats('csv,textgrid'), ['textgrid', 'csv']);
  assert.deepEqual(parseResultFormats(' TextGrid , JSON,json'), ['textgrid', 'json']);
  assert.deepEqual(parseResultFormats(RESULT_FORMATS.join(',')), [...RESULT_FORMATS]);
});

test('a name that is not known is reported, with the known ones and the one that may be meant', () => {
  for (const [list, found] of [
    ['csv,xlsx', /found "xlsx"\. Known: textgrid, short, csv/],
    ['textgird', /found "textgird"; did you mean textgrid\? Known/],
    ['', /found ""\. Known/],
    ['csv,', /found ""\. Known/],
    ['csv;json', /found "csv;json"/],
    ['__proto__', /found "__proto__"/],
  ] as const) {
    const isRight = (error: Error & { code?: string }) => {
      assert.equal(error.code, 'E_FORMAT_UNKNOWN');
      assert.match(error.message, found);
      return true;
    };
    assert.throws(() => parseResultFormats(list), isRight);
  }
});

test.run();
