import assert from 'node:assert/strict';
import { test } from 'uvu';
import { toIpa } from '../../src/lexicon/ipa.ts';
import { type LabelledWord, type PhoneSource, restorePhones } from '../../src/lexicon/phones-back.ts';
import { shown } from '../support/finding.ts';

const WHERE = { file: 'talk.TextGrid', tier: 'anna' };
const MAP = new Map([
  ['§', 'N'],
  ['N', 'n'],
  ['n', 'n'],
  ['t_h', 't'],
  ['t', 't'],
  ['a:', 'a'],
]);

function source(complex: Record<string, readonly string[]>): PhoneSource {
  const entries = Object.entries(complex).map(
    ([word, lines]) => [word, lines.map((line) => line.split(' '))] as const,
  );
  return { complex: new Map(entries), complexToSimple: MAP };
}

function word(label: string, phones: string): LabelledWord {
  const labels = phones === '' ? [] : phones.split(' ');
  const at = (index: number) => ({ startSec: index / 10, endSec: (index + 1) / 10 });
  return {
    label,
    startSec: 0,
    endSec: labels.length / 10,
    phones: labels.map((one, index) => ({ label: one, ...at(index) })),
  };
}

function restore(words: readonly LabelledWord[], complex: Record<string, readonly string[]>) {
  const restored = restorePhones(words, source(complex), WHERE);
  return {
    ...restored,
    phones: restored.words.map(({ phones }) => phones.map(({ label }) => label).join(' ')),
  };
}

test('the pronunciation that maps to the aligned phones gives its labels, times stay', () => {
  const { words, ambiguousCount, warnings } = restore([word('tala', 't a l a')], { tala: ['t_h a: l a'] });
  assert.deepEqual(words, [word('tala', 't_h a: l a')]);
  assert.equal(ambiguousCount, 0);
  assert.deepEqual(warnings, []);
});

test('labels are mapped once: aligned N is §, never N', () => {
  assert.deepEqual(
    restore([word('on', 'N'), word('agne', 'n')], { on: ['N', '§'], agne: ['§', 'N'] }).phones,
    ['§', 'N'],
  );
});

test('if several pronunciations fit, the first is taken and counted', () => {
  const { phones, ambiguousCount } = restore([word('ta', 't a')], { ta: ['t', 't a:', 't_h a'] });
  assert.deepEqual(phones, ['t a:']);
  assert.equal(ambiguousCount, 1);
});

test('words are found in any case and composition', () => {
  assert.deepEqual(
    restore([word('TALA', 't a'), word('e\u0301', 'a')], { tala: ['t_h a'], é: ['a:'] }).phones,
    ['t_h a', 'a:'],
  );
});

test('if no pronunciation fits, the phones stay, with one warning for each word', () => {
  const words = [word('ta', 't i'), word('ta', 't i t'), word('who', 'n')];
  const { words: restored, warnings } = restore(words, { ta: ['t_h a'] });
  assert.deepEqual(restored, words);
  assert.equal(warnings.length, 2);
  const [first] = warnings;
  assert.equal(first?.code, 'W_PHONES_SIMPLE');
  assert.match(
    shown(first),
    /talk\.TextGrid tier "anna" \(0\.00 s\): no pronunciation of "ta" fits the aligned phones t i, 2 times/,
  );
  assert.deepEqual(
    [first?.place?.file, first?.place?.tier, first?.place?.timeSec],
    ['talk.TextGrid', 'anna', 0],
  );
});

test('silence, words that the engine did not know and words without phones are passed over', () => {
  const words = [word('', 'sil'), word(' ', 'sp'), word('<unk>', 'spn'), word('ta', '')];
  const { words: restored, warnings } = restore(words, { ta: ['t a'] });
  assert.deepEqual(restored, words);
  assert.deepEqual(warnings, []);
});

test('many words that do not fit are counted, not listed', () => {
  const { warnings } = restore(
    Array.from({ length: 100 }, (_, index) => word(`w${index}`, 't')),
    {},
  );
  assert.equal(warnings.length, 21);
  assert.match(shown(warnings.at(-1)), /and 80 more words/);
});

test('IPA is an exact match, case and all; other labels stay', () => {
  const ipa = new Map([
    ['r', 'ɾ'],
    ['R', 'r'],
  ]);
  assert.deepEqual(
    ['r', 'R', 'rr', ''].map((label) => toIpa(label, ipa)),
    ['ɾ', 'r', 'rr', ''],
  );
});

test.run();
