import assert from 'node:assert/strict';
import { test } from 'uvu';
import {
  describeUnknownWords,
  draftUserDictionary,
  type UnknownWord,
} from '../../src/lexicon/unknown-words.ts';
import { languageOf } from './temp-folder.ts';

const LANGUAGE = languageOf('d.dict', { phones: new Set(['AH0', 'B']) });

function at(word: string, interval: number, timeSec: number): UnknownWord {
  return { word, file: 'talk.TextGrid', tier: 'anna', interval, timeSec };
}

function describe(unknown: readonly UnknownWord[]) {
  return describeUnknownWords('W_WORD_UNKNOWN', unknown, LANGUAGE, 'u1/dic/engUS_SPHINX_v010.dict');
}

test('a finding names word, place and mend', () => {
  const [finding] = describe([at('xyzzy', 12, 3.2)]);
  assert.deepEqual(finding, {
    code: 'W_WORD_UNKNOWN',
    message:
      '"xyzzy" is not in the dictionary of English (US): talk.TextGrid tier "anna" interval 12 (3.20 s); ' +
      'add a line with its phones to u1/dic/engUS_SPHINX_v010.dict: xyzzy<TAB>PHONES',
    file: 'talk.TextGrid',
    tier: 'anna',
    interval: 12,
    timeSec: 3.2,
  });
});

test('a repeated word is one finding with its first places and a count', () => {
  const findings = describe([1, 2, 3, 4, 5].map((index) => at('xyzzy', index, index * 1800)));
  assert.equal(findings.length, 1);
  assert.match(
    findings[0]?.message ?? '',
    /interval 1 \(30:00\.00\), .*interval 2 \(1:00:00\.00\), .*interval 3 .* and 2 more;/,
  );
});

test('past fifty words the rest is counted', () => {
  const findings = describe(Array.from({ length: 73 }, (_, index) => at(`w${index}`, 1, 0)));
  assert.equal(findings.length, 51);
  assert.equal(findings.at(-1)?.message, 'and 23 more unknown words, 73 in all');
});

test('the code is the policy of the caller', () => {
  const [fault] = describeUnknownWords('E_WORDS_UNKNOWN', [at('x', 1, 0)], LANGUAGE, 'd');
  assert.equal(fault?.code, 'E_WORDS_UNKNOWN');
});

test('a draft dictionary holds each word once, ready for its phones', () => {
  assert.equal(
    draftUserDictionary(['b', 'a', 'b'], LANGUAGE),
    ';; engUS_SPHINX_v010: type the phones of each word after the TAB, with blanks between them\n;; phones: AH0 B\nb\t\na\t\n',
  );
});

test.run();
