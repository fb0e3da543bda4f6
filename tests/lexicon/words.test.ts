import assert from 'node:assert/strict';
import { test } from 'uvu';
import { type TextRules, textRulesOf } from '../../src/lexicon/text-rules.ts';
import { collectCandidates, resolveLabel } from '../../src/lexicon/words.ts';

const ENGLISH = textRulesOf({ code: 'engUS_FAVE_v010' });
const FRENCH = textRulesOf({ code: 'fraFR_MFA1_v010' });

/**
 * Looks words up as a task does: words that were not asked for beforehand are not known afterwards. Unknown words are
 * in brackets.
 */
function resolveIn(rules: TextRules, label: string, dictionary: readonly string[]): string {
  const candidates = collectCandidates([label], rules);
  const known = new Set(dictionary.filter((word) => candidates.has(word)));
  return resolveLabel(label, { ...rules, isKnown: (lookup) => known.has(lookup), takesUnknown: false })
    .words.map(({ text, known: isKnown }) => (isKnown ? text : `[${text}]`))
    .join(' ');
}
const resolve = (label: string, ...dictionary: readonly string[]) => resolveIn(ENGLISH, label, dictionary);

function wordsOf(label: string, isKnown: (lookup: string) => boolean) {
  return resolveLabel(label, { ...ENGLISH, isKnown, takesUnknown: false }).words;
}

test('words keep the case of the transcription and are looked up without', () => {
  assert.deepEqual(
    wordsOf('Hello', (lookup) => lookup === 'hello'),
    [{ text: 'Hello', lookup: 'hello', known: true }],
  );
});

test('a word that is known only in parts is marked at the first part', () => {
  const words = wordsOf("Here's, fine", (lookup) => ['here', "'s", 'fine'].includes(lookup));
  assert.deepEqual(
    words.map(({ text, split }) => [text, split]),
    [
      ['Here', { from: "Here's", into: ['Here', "'s"] }],
      ["'s", undefined],
      ['fine', undefined],
    ],
  );
});

test('white space of any kind stands between words', () => {
  assert.equal(resolve(' a\tb\u00A0c\nd\u3000e ', 'a', 'b', 'c', 'd', 'e'), 'a b c d e');
});

test('punctuation around a known word is not part of it', () => {
  assert.equal(resolve('“Yes,” he «said»! (no?)', 'yes', 'he', 'said', 'no'), 'Yes he said no');
});

test('punctuation that the dictionary knows stays', () => {
  assert.equal(
    resolve(`'Tis 7 a.m., etc.`, "'tis", 'a.m.', 'am', 'tis', 'etc.', 'etc'),
    "'Tis [7] a.m. etc.",
  );
  assert.equal(resolve(`("'Tis a.m.)"`, "'tis", 'a.m.'), "'Tis a.m.");
  assert.equal(resolve(`("'Tis") "(a.m.)"`, "'tis", 'a.m.'), "'Tis a.m.");
  assert.equal(resolve("the dogs' 'bout", 'the', "dogs'", 'dogs', "'bout"), "the dogs' 'bout");
});

test('punctuation alone is no word', () => {
  assert.equal(resolve('yes - , … — ?! no', 'yes', 'no'), 'yes no');
  assert.equal(resolve('you & me', 'you', 'me', '&'), 'you & me');
});

test('dashes and dots without blanks stand between words', () => {
  assert.equal(resolve('wait—no--yes...well…', 'wait', 'no', 'yes', 'well'), 'wait no yes well');
});

test('French elisions and inversions are cut as the dictionary spells them', () => {
  const words = [
    "l'",
    'école',
    "qu'",
    'il',
    'est',
    '-ce',
    'ce',
    'a',
    '-t-il',
    "aujourd'hui",
    'rendez-vous',
    '-là',
  ];
  assert.equal(
    resolveIn(FRENCH, "L’école, est-ce qu'il a-t-il aujourd’hui rendez-vous-là ?", words),
    "L’ école est -ce qu' il a -t-il aujourd’hui rendez-vous -là",
  );
});

test('English clitics and compounds are cut where both parts are known', () => {
  assert.equal(
    resolve("Zelda's well-known anti-fraud", 'zelda', "'s", 'well', 'known', 'anti-', 'fraud'),
    "Zelda 's well known anti- fraud",
  );
});

test('a word is cut into as few parts as possible, and not at all when it is known', () => {
  assert.equal(resolve('mother-in-law', 'mother', 'in', 'law', 'in-law'), 'mother in-law');
  assert.equal(resolve('mother-in-law', 'mother', 'in', 'law', 'mother-in-law'), 'mother-in-law');
  assert.equal(resolve('a-b-c-d', 'a-b', 'c', 'd', 'a', 'b-c-d'), 'a b-c-d');
});

test('a fragment is no part of a word when the words themselves are known', () => {
  const heads = ['ill', 'ill-', 'disposed', 'self', 'self-', 'made', 'made-up', 'up'];
  assert.equal(resolve('ill-disposed', ...heads), 'ill disposed');
  assert.equal(resolve('self-made-up', ...heads, 'self-made-'), 'self made-up');
  assert.equal(resolve('ill-disposed', 'ill-', 'disposed'), 'ill- disposed');
});

test('the language decides on which side of a cut the sign stays', () => {
  const words = ['est', 'est-', '-ce', 'ce', "boss'", 'boss', "'s", 's'];
  assert.equal(resolveIn(FRENCH, 'est-ce', words), 'est -ce');
  assert.equal(resolve('est-ce', ...words), 'est ce');
  assert.equal(resolve("boss's", ...words), "boss 's");
  assert.equal(resolveIn(FRENCH, "boss's", words), "boss' s");
});

test('brackets within a word do not hide it', () => {
  assert.equal(resolve('(un)certain word(s)', 'uncertain', 'certain', 'un', 'words'), 'uncertain words');
  assert.equal(resolve('(be)cause (un)certain', 'cause', 'un', 'certain'), 'cause un certain');
  assert.equal(resolve('(un)certan th[e]', 'the'), '[uncertan] the');
});

test('word codes of CHAT are not spoken', () => {
  assert.equal(resolve('mama@f perro@s:spa &-uh', 'mama', 'f', 's', 'uh'), 'mama [perro] uh');
});

test('a word with an unknown part is one unknown word', () => {
  assert.equal(resolve("l'xyzzy, foo-bar", "l'", 'foo'), "[l'xyzzy] [foo-bar]");
});

test('digits are unknown unless the dictionary has them', () => {
  assert.equal(resolve('25 1990-95 3-d', '3-d'), '[25] [1990-95] 3-d');
});

test('a word of many hyphens does not multiply the candidates without limit', () => {
  assert.ok(collectCandidates([Array(500).fill('a').join('-')], ENGLISH).size < 10);
  assert.ok(collectCandidates(["a'b-c'd-e'f-g'h"], ENGLISH).size < 300);
});

test('no candidate is empty', () => {
  assert.equal(collectCandidates(["'' -- l' .", ''], ENGLISH).has(''), false);
});

test('a word with a ligature is found under its spelling without, and keeps its own', () => {
  const isKnown = (lookup: string) => lookup === 'soeur';
  assert.ok(collectCandidates(['Sœur,'], ENGLISH).has('soeur'));
  assert.deepEqual(wordsOf('Sœur,', isKnown), [{ text: 'Sœur', lookup: 'soeur', known: true }]);
});

test('typographic quotes are no part of a word, typographic apostrophes are', () => {
  const known = ["don't", "'tis", 'oui', 'ja', "dogs'", 'so'];
  assert.equal(
    resolve('«\u00A0Oui\u202F», „Ja“ ‚so‘ don’t ’tis don´t don`t ‹ja› dogs’', ...known),
    'Oui Ja so don’t ’tis don´t don`t ja dogs’',
  );
});

test('invisible characters neither divide a word nor keep its quotes', () => {
  assert.equal(
    resolve('hel\u00ADlo hel\uFEFFlo \u200B“hello”\u200B, \u200E(hello)\u200E \u200B', 'hello'),
    'hel\u00ADlo hel\uFEFFlo hello hello',
  );
});

test('a word in decomposed letters is known, and keeps them', () => {
  assert.equal(resolve('E\u0301cole, “e\u0301te\u0301”', 'école', 'été'), 'E\u0301cole e\u0301te\u0301');
});

test('a word with a sharp s is found in capitals and in Swiss spelling', () => {
  assert.equal(
    resolve('Straße STRASSE STRAẞE MASSSTAB', 'straße', 'maßstab'),
    'Straße STRASSE STRAẞE MASSSTAB',
  );
  assert.equal(resolve('Straße MISS strasse', 'strasse', 'miss'), 'Straße MISS strasse');
  assert.equal(resolve('strasse', 'straße'), '[strasse]');
});

test('a hyphen before a word is no part of it unless the dictionary has it', () => {
  assert.equal(resolve('-yes - no –yes —no', 'yes', 'no'), 'yes no yes no');
  assert.equal(resolveIn(FRENCH, 'dit -il', ['dit', '-il', 'il']), 'dit -il');
});

test.run();
