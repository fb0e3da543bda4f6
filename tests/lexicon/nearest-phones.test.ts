import assert from 'node:assert/strict';
import { test } from 'uvu';
import { must } from '../../src/base/must.ts';
import { findPackage } from '../../src/engines/sphinx/health.ts';
import { sphinxLanguages } from '../../src/engines/sphinx/languages.ts';
import { parseSounds, soundDistance } from '../../src/lexicon/ipa-sounds.ts';
import { nearestPhones } from '../../src/lexicon/nearest-phones.ts';

const languages = sphinxLanguages(findPackage());
const english = must(languages[0], 'English');
const french = must(languages[1], 'French');
const NO_IPA = { ipa: new Map<string, string>() };

function map(labels: string, from: { readonly ipa: ReadonlyMap<string, string> }, to = english): string {
  const { phonesOf } = nearestPhones(from, to);
  return labels
    .split(' ')
    .map((label) => phonesOf(label)?.join('+') ?? 'none')
    .join(' ');
}

test('a phone keeps its label if that is a phone of the other language, without its digit for stress', () => {
  assert.equal(map('HH AH0 L OW1', NO_IPA), 'HH AH L OW');
});

test('with IPA, a phone becomes the one with the most similar articulation, whatever the labels are', () => {
  const lexique = new Map([
    ['S', 'ʃ'],
    ['R', 'ʁ'],
    ['5', 'ɛ̃'],
    ['@', 'ɑ̃'],
    ['2', 'ø'],
    ['aa', 'a'],
  ]);
  assert.equal(map('S R 5 @ 2 aa', { ipa: lexique }, french), 'ch rr in an eu aa');
  assert.equal(map('ɲ x r ç tʰ iː e̞ ɫ', NO_IPA), 'NG HH R HH T IY IH L');
});

test('an affricate or a diphthong is one phone where there is such a phone, else one for each of its sounds', () => {
  assert.equal(map('tʃ aɪ t͡s', NO_IPA), 'CH AY T+S');
  assert.equal(map('tʃ aɪ', NO_IPA, french), 'tt+ch aa+ei');
});

test('labels that are not speech sounds become nothing', () => {
  assert.equal(map('spn <eps> ? ʔ', NO_IPA), 'none none none K');
  for (const label of ['', 'ː', 'E:']) assert.equal(parseSounds(label), null, label);
});

test('every phone of the built-in languages has sounds, and is nearest to itself', () => {
  for (const language of [english, french]) {
    for (const phone of language.phones) {
      assert.notEqual(parseSounds(language.ipa.get(phone) ?? ''), null, phone);
      assert.deepEqual(nearestPhones(language, language).phonesOf(phone), [phone]);
    }
  }
});

test('the more two sounds have in common, the nearer they are', () => {
  const distance = (one: string, other: string): number => {
    const [[a], [b]] = [parseSounds(one) ?? [], parseSounds(other) ?? []];
    return soundDistance(must(a, one), must(b, other));
  };
  for (const [sound, near, far] of ['p b m', 's ʃ x', 'i ɪ u', 'ʁ ɹ ɡ', 'ə ʌ i', 'ɑ̃ ɑ m'].map((row) =>
    row.split(' '),
  ))
    assert.ok(
      distance(sound ?? '', near ?? '') < distance(sound ?? '', far ?? ''),
      `${sound}: ${near} before ${far}`,
    );
});

test.run();
