import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parseColumnChoices } from '../../src/base/column-choices.ts';
import { thrownBy } from '../formats/thrown.ts';

const read = (text: string) =>
  Object.fromEntries(parseColumnChoices(text).map(({ role, column }) => [role, column]));

test('a column is a name, or a place by letters or number', () => {
  assert.deepEqual(read('file=A, begin=Start ,end=3,text=AB'), { file: 0, begin: 'Start', end: 2, text: 27 });
  assert.deepEqual(read('Text="B",tier="a, ""b"" = c"'), { text: 'B', tier: 'a, "b" = c' });
  assert.deepEqual(read('text=End,speaker=a,begin=T1'), { text: 'End', speaker: 'a', begin: 'T1' });
});

test('nothing chosen is no choice', () => {
  assert.deepEqual(parseColumnChoices(null), []);
  assert.deepEqual(parseColumnChoices(' '), []);
});

test('a text that is not a choice is refused with what was found', () => {
  for (const [text, found] of [
    ['A', 'found "A"'],
    ['begin=B,', null],
    ['begin=B,x=C', 'found "x=C"'],
    ['text=', 'found "text="'],
    ['text=A B=C', 'found "text=A B=C"'],
    ['text="A', 'found "text=\\"A"'],
    ['text=A,text=B', 'found two columns for text'],
    ['text=A,tier=1', 'found 1 for two'],
    ['begin=A,end=B,duration=C,text=D', 'found end and duration'],
    [`text=${'x'.repeat(1000)}`, 'found 1005 characters'],
  ] as const) {
    if (found === null) {
      assert.deepEqual(read(text), { begin: 1 });
      continue;
    }
    const { code, message } = thrownBy(() => parseColumnChoices(text));
    assert.equal(code, 'E_COLUMNS');
    assert.ok(message.includes(found), message);
  }
});

test.run();
