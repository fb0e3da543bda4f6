import assert from 'node:assert/strict';
import { test } from 'uvu';
import {
  describeGuessedWords,
  describeUnknownWords,
  draftUserDictionary,
  type UnknownWord,
} from '../../src/lexicon/unknown-words.ts';
import { readUserDictionary } from '../../src/lexicon/user-dictionary.ts';
import { shown } from '../support/finding.ts';
import { languageOf, tempFolder } from './temp-folder.ts';

const LANGUAGE = languageOf('d.dict', { phones: new Set(['AH0', 'B']) });

function at(word: string, interval: number, timeSec: number): UnknownWord {
  return { word, file: 'talk.TextGrid', tier: 'anna', interval, timeSec };
}

function describe(unknown: readonly UnknownWord[]) {
  return describeUnknownWords('W_WORD_UNKNOWN', unknown, LANGUAGE, {
    dictionary: 'u1/dic/engUS_SPHINX_v010.dict',
    consequence: 'it counts as unknown sound;',
  });
}

test('a finding names word, place and fix', () => {
  const [finding] = describe([at('xyzzy', 12, 3.2)]);
  assert.deepEqual(finding, {
    code: 'W_WORD_UNKNOWN',
    text:
      '"xyzzy" is not in the dictionary of English (US); ' +
      'it counts as unknown sound; add it to your dictionary, u1/dic/engUS_SPHINX_v010.dict or a file for --user-dict, ' +
      'as a line: xyzzy<TAB>PHONES',
    place: { file: 'talk.TextGrid', tier: 'anna', interval: 12, timeSec: 3.2 },
  });
});

test('a repeated word is one finding with its first places and a count', () => {
  const findings = describe([1, 2, 3, 4, 5].map((index) => at('xyzzy', index, index * 1800)));
  assert.equal(findings.length, 1);
  assert.match(
    shown(findings[0]),
    /interval 1 \(1800\.00 s\): .* also at .*interval 2 \(3600\.00 s\), .*interval 3 .* and 2 more places;/,
  );
  const [one] = describe([1, 2, 3, 4].map((index) => at('xyzzy', index, index * 1800)));
  assert.match(shown(one), / and 1 more place;/);
});

test('of a text without blanks the beginning is named, and no dictionary is asked for', () => {
  const [finding] = describe([at('字'.repeat(9_000), 1, 0)]);
  assert.equal(
    finding?.text,
    `"${'字'.repeat(100)}..., 9000 characters" is not in the dictionary of English (US); it counts as unknown sound; put blanks between its words`,
  );
});

test('after fifty words the rest is counted', () => {
  const findings = describe(Array.from({ length: 73 }, (_, index) => at(`w${index}`, 1, 0)));
  assert.equal(findings.length, 51);
  assert.equal(shown(findings.at(-1)), 'and 23 more unknown words, 73 in all');
});

test('the caller chooses the code', () => {
  const [fault] = describeUnknownWords('E_WORDS_UNKNOWN', [at('x', 1, 0)], LANGUAGE, {
    dictionary: 'd',
    consequence: 'no',
  });
  assert.equal(fault?.code, 'E_WORDS_UNKNOWN');
});

test('a guessed word names the phones that were used and the line that would correct them', () => {
  const phonesOf = () => [
    ['B', 'AH0'],
    ['AH0', 'B'],
  ];
  const [finding, ...more] = describeGuessedWords([at('xyzzy', 3, 1.5)], phonesOf, LANGUAGE, 'u1/dic/x.dict');
  assert.deepEqual(more, []);
  assert.deepEqual(finding, {
    code: 'W_WORD_GUESSED',
    text:
      '"xyzzy" is not in the dictionary of English (US); aligned as ' +
      'B AH0 or AH0 B, which is a guess. If that is wrong, add it to your dictionary, ' +
      'u1/dic/x.dict or a file for --user-dict, as a line: xyzzy<TAB>B AH0',
    place: { file: 'talk.TextGrid', tier: 'anna', interval: 3, timeSec: 1.5 },
  });
});

test('a draft dictionary has the guesses as lines and each word that nothing is known of once, as a comment', async () => {
  const suggested = [
    { word: 'c', phones: ['B', 'AH0'] },
    { word: 'c', phones: ['AH0', 'B'] },
  ];
  const draft = draftUserDictionary(suggested, ['b', 'a', 'b'], LANGUAGE);
  assert.deepEqual(
    draft.split('\n').filter((line) => !line.startsWith(';;') || line.includes('\t')),
    ['c\tB AH0', 'c\tAH0 B', ';; b\t', ';; a\t', ''],
  );
  await using folder = await tempFolder({ 'draft.dict': draft });
  const read = await readUserDictionary(`${folder.path}/draft.dict`, new Set(['a', 'b', 'c']), {
    language: LANGUAGE,
    phones: LANGUAGE.phones,
  });
  assert.deepEqual(read, { pronunciations: suggested, faults: [] });
});

test.run();
