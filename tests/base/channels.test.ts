import assert from 'node:assert/strict';
import { test } from 'uvu';
import { channelNamesOf, nameKey, parseChannels } from '../../src/base/channels.ts';
import { TaskError } from '../../src/base/errors.ts';

test('equal choices have one form: blanks, capitals of the mode and forms of Unicode do not count', () => {
  assert.equal(parseChannels(' Mix '), 'mix');
  assert.equal(parseChannels('SPLIT'), 'split');
  assert.equal(parseChannels('split: Zoe\u0308 , Ben: the first'), 'split:Zo\u00eb,Ben: the first');
});

test('names are those of the first channels, and mixed channels have none', () => {
  assert.equal(channelNamesOf('mix'), null);
  assert.deepEqual(channelNamesOf('split'), []);
  assert.deepEqual(channelNamesOf('split:Anna,Ben'), ['Anna', 'Ben']);
});

test('a text in none of the forms is refused with what was expected and found', () => {
  for (const [text, found] of [
    ['', /found ""/],
    ['stereo', /expected "mix", "split" or, .*"split:Anna,Ben", found "stereo"/],
    ['mix:Anna', /found "mix:Anna"/],
    ['split:', /an empty name in "split:"/],
    ['split:Anna,,Ben', /an empty name/],
    ['split:Anna, ANNA ', /the name "ANNA" twice/],
    ['split:Zo\u00eb,Zoe\u0308', /twice/],
    ['split:a\tb', /a control character/],
    [`split:${Array.from({ length: 33 }, (_, at) => at).join(',')}`, /33 names; give at most 32/],
    [`split:${'a'.repeat(500)}`, /506 characters; shorten the names/],
  ] as const) {
    const fault = (error: unknown) =>
      error instanceof TaskError && error.code === 'E_CHANNELS_UNCLEAR' && found.test(error.message);
    assert.throws(() => parseChannels(text), fault, text);
  }
});

test('names that look the same have the same key', () => {
  for (const name of ['Zo\u00eb  M', ' ZOE\u0308 m', 'zo\u00eb\u00a0m'])
    assert.equal(nameKey(name), nameKey('zo\u00eb m'));
  assert.notEqual(nameKey('Ann'), nameKey('Anna'));
});

test.run();
