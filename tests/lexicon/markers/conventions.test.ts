import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parseMarkerRules } from '../../../src/lexicon/markers/table.ts';
import { textRulesOf } from '../../../src/lexicon/text-rules.ts';
import { collectCandidates, resolveLabel } from '../../../src/lexicon/words.ts';

const KNOWN = new Set(
  (
    'yes no i think that is right not word certain sil the phone said and then they all left again well www laughter ' +
    'background rire oui noise laughs door slams'
  ).split(' '),
);

interface Options {
  readonly code?: string;
  readonly table?: string;
  readonly more?: readonly string[];
  readonly takesUnknown?: boolean;
}

/** `words | left out | unknown audio | words in brackets | half marked words`, as a task finds them. */
function read(label: string, options: Options = {}): string {
  const { code = 'engUS_SPHINX_v010', table = '', more = [], takesUnknown = true } = options;
  const rules = textRulesOf({ code, markerRules: parseMarkerRules(table).rules });
  const candidates = collectCandidates([label], rules);
  const isKnown = (form: string) => candidates.has(form) && (KNOWN.has(form) || more.includes(form));
  const { words, markers } = resolveLabel(label, { ...rules, isKnown, takesUnknown });
  const named = (use: string) => markers.filter((one) => one.use === use).map(({ text }) => text);
  const parts = [
    words.map(({ text, lookup }) => (lookup === '<unk>' ? `?${text}` : text)),
    named('left out'),
    named('unknown sound'),
    named('words'),
    named('half marked'),
  ];
  return parts
    .map((part) => part.join(' '))
    .join(' | ')
    .replace(/(?: \| )+$/, '');
}

test('sounds that are not speech are left out, in any brackets', () => {
  assert.equal(
    read('yes [laughter] no (laughs) {BR} &=laughs <noise>'),
    'yes no | [laughter] (laughs) {BR} &=laughs <noise>',
  );
  assert.equal(
    read('yes [door slams loudly] no [LAUGHS] ((coughs))'),
    'yes no | [door slams loudly] [LAUGHS] ((coughs))',
  );
  assert.equal(read('[[x]] yes[laughs] {lip smack}no'), 'yes no | [[x]] [laughs] {lip smack}');
});

test('speech that could not be understood is unknown audio, or is left out if the engine has no phone for it', () => {
  const label = 'yes <unk> xxx <CUTOFF-wor> ((unintelligible)) (xxx) XX yyy [inaudible] ***';
  const markers = '<unk> xxx <CUTOFF-wor> ((unintelligible)) (xxx) XX yyy [inaudible] ***';
  const spoken = markers.split(' ').map((one) => `?${one}`);
  assert.equal(read(label), `yes ${spoken.join(' ')} |  | ${markers}`);
  assert.equal(read(label, { takesUnknown: false }), `yes | ${markers.replace(' ***', '')}`);
});

test('a label in which no word was understood has no words', () => {
  assert.equal(read('xxx (inaudible) [laughter]'), ' | xxx (inaudible) [laughter]');
  assert.equal(read('(())'), ' | (())');
});

test('other brackets around the name of a sound make it a marker, around words they do not', () => {
  assert.equal(
    read('yes *laughs* ++NOISE++, _clears throat_. *no*'),
    'yes no | *laughs* ++NOISE++ _clears throat_',
  );
});

test('silence is left out, and its symbols are not reported', () => {
  assert.equal(
    read('yes (.) (0.5) (2) # [?] no +... <p:> <SIL> [pause] ...'),
    'yes no | (0.5) (2) <p:> <SIL> [pause]',
  );
  assert.equal(read('@ @@@ --- ... ( ) []'), '');
});

test('a word of the dictionary is a marker only where it stands out from words', () => {
  assert.equal(read('the sil is right www'), 'the sil is right www');
  assert.equal(read('the SIL is right'), 'the is right | SIL');
  assert.equal(read('sil'), ' | sil');
  assert.equal(read('sp'), ' | sp');
  assert.equal(read('the sp is right'), 'the is right | sp');
});

test('a marker that is in the dictionary is a word', () => {
  assert.equal(read('yes {BR} [laughter]', { more: ['{br}'] }), 'yes {BR} | [laughter]');
  assert.equal(read('yes <unk>', { more: ['<unk>'], takesUnknown: false }), 'yes ?<unk> |  | <unk>');
});

test('round brackets around words are punctuation, others only around more words than a marker has', () => {
  assert.equal(
    read('(yes) ((no)) (I think) (I think (xxx) that)'),
    'yes no I think I think ?(xxx) that |  | (xxx)',
  );
  assert.equal(read('[I think that is right]'), 'I think that is right |  |  | [I think that is right]');
  assert.equal(read('(I think [laughs] that is right)'), 'I think that is right | [laughs]');
  assert.equal(read('<they all> [//] they all left'), 'they all they all left');
  assert.equal(read('yes [laughter and then they all] no'), 'yes no | [laughter and then they all]');
  assert.equal(read('[the noise is right]'), 'the noise is right |  |  | [the noise is right]');
});

test('the name of a sound among other words in round brackets is a spoken word', () => {
  const more = ['i', 'like', 'rock', 'music', 'love'];
  assert.equal(read('I like (rock music) right', { more }), 'I like rock music right');
  assert.equal(read('I ((love music)) right', { more }), 'I love music right');
  assert.equal(read('the music) right', { more }), 'the music right');
  assert.equal(read('yes (laughs) right'), 'yes right | (laughs)');
});

test('unmatched brackets are punctuation, unless they mark speech that could not be understood', () => {
  assert.equal(read('[yes no) {right'), 'yes no right');
  assert.equal(read('yes ((unintelligible)'), 'yes ?((unintelligible) |  | ((unintelligible)');
  assert.equal(read('the laughter'), 'the laughter');
});

test('the name of a sound with one bracket, or with signs of emphasis, is a word, with a warning', () => {
  const more = ['music', 'off', 'turn'];
  assert.equal(read('turn the [music off', { more }), 'turn the music off |  |  |  | [music');
  assert.equal(read('yes {laughter, no', { more }), 'yes laughter no |  |  |  | {laughter,');
  assert.equal(read('[music', { more }), 'music |  |  |  | [music');
  assert.equal(read('laughter] yes'), 'laughter yes |  |  |  | laughter]');
  assert.equal(
    read('the _music_ __noise__ =music= is right', { more }),
    'the music noise music is right |  |  |  | _music_ __noise__ =music=',
  );
  assert.equal(read('turn the [music] off', { more }), 'turn the off | [music]');
});

test('text that is in no dictionary is not a word, also with one bracket', () => {
  assert.equal(read('yes [vocnoise no _lipsmack_'), 'yes no | [vocnoise _lipsmack_');
});

test('text inside tags is spoken, and formatting does not divide a word', () => {
  assert.equal(read('<noise>word</noise> <b>yes</b>'), 'word yes | <noise> </noise>');
  assert.equal(read('cer<i>tain</i> <span class="x">no</span><br/>yes'), 'certain no yes | <br/>');
});

test('each language has its own words for sounds, and English ones', () => {
  const code = 'fraFR_SPHINX_v010';
  assert.equal(
    read('oui (rire) [laughter] (inaudible)', { code }),
    'oui ?(inaudible) | (rire) [laughter] | (inaudible)',
  );
  assert.equal(read('yes (rire)'), 'yes rire');
});

test('the table of a language overrides the common conventions', () => {
  const table =
    '[*] words\n;; a comment\n(right) noise\nno silence\n[laugh*] words\n%* noise\n[door slams] speech';
  assert.equal(read('[yes] (right) right %aha', { table }), 'yes right | (right) %aha');
  assert.equal(read('[laughter] [door slams]', { table }), 'laughter ?[door slams] |  | [door slams]');
});

test('a line that is not a rule is named', () => {
  assert.deepEqual(
    parseMarkerRules('\uFEFF[x]\tnoise\r\n[y] loud\nz').problems.map(
      ({ line, message }) => `${line} ${message}`,
    ),
    [
      '2 expected a marker, a blank and one of noise, silence, speech, words, markup, found "[y] loud"',
      '3 expected a marker, a blank and one of noise, silence, speech, words, markup, found "z"',
    ],
  );
});

test.run();
