import assert from 'node:assert/strict';
import { test } from 'uvu';
import { textRulesOf } from '../../src/lexicon/text-rules.ts';
import { collectCandidates, resolveLabel } from '../../src/lexicon/words.ts';

const ENGLISH = textRulesOf({ code: 'engUS_SPHINX_v010' });

/** The short forms of a label with their kinds. */
function found(label: string, ...dictionary: readonly string[]): string[] {
  const candidates = collectCandidates([label], ENGLISH);
  const isKnown = (form: string) => candidates.has(form) && dictionary.includes(form);
  const { shortForms } = resolveLabel(label, { ...ENGLISH, isKnown, takesUnknown: true });
  return shortForms.map(({ kind, text }) => `${kind} ${text}`);
}

test('a form with a digit is a number, or a date or time of day', () => {
  assert.deepEqual(found('in 1998, the “3rd” 12.5 -5 1,000 1990s A4 ½'), [
    'number 1998',
    'number 3rd',
    'number 12.5',
    'number 5',
    'number 1,000',
    'number 1990s',
    'number A4',
    'number ½',
  ]);
  assert.deepEqual(found('on 12/05/1998 12.05.1998. (2026-03-01) 12/5 at 10:30, 1:02:03'), [
    'date 12/05/1998',
    'date 12.05.1998',
    'date 2026-03-01',
    'date 12/5',
    'date 10:30',
    'date 1:02:03',
  ]);
});

test('a short form that a dictionary has is a word like others', () => {
  assert.deepEqual(
    found(
      '7 3-d Dr. Smith, e.g. the U.S. & 20%',
      '7',
      '3-d',
      'dr.',
      'smith',
      'e.g.',
      'the',
      'u.s.',
      '&',
      '20%',
    ),
    [],
  );
  assert.deepEqual(found('Dr. Smith', 'dr', 'smith'), []);
});

test('an abbreviation has dots inside, a dot within its sentence, or capitals among small letters', () => {
  assert.deepEqual(found('z.B. approx. five zzgl. 20 the EU’s EU, CDs'), [
    'abbreviation z.B',
    'abbreviation approx.',
    'abbreviation zzgl.',
    'number 20',
    'abbreviation EU',
    'abbreviation CDs',
  ]);
  assert.deepEqual(found('I saw Trian. He left. EMPHASIS Zorblax.'), []);
  assert.deepEqual(found('ALL IN BIG LETTERS.'), []);
  assert.deepEqual(found('I met him.She left.Then'), []);
});

test('a spoken symbol is reported if the words leave it out', () => {
  assert.deepEqual(found('5 % of you & me, 20% or $5 (5€) § 3', '5', '20', '3', 'of', 'you', 'me', 'or'), [
    'sign %',
    'sign &',
    'sign 20%',
    'sign $5',
    'sign 5€',
    'sign §',
  ]);
  assert.deepEqual(found('20%'), ['number 20%']);
  assert.deepEqual(found('you + me = # @ - / *', 'you', 'me'), []);
});

test('a marker has no short forms', () => {
  assert.deepEqual(found('[noise 3] &=laughs (0.5) &-uh xxx', 'uh'), []);
});

test.run();
