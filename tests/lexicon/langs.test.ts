import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parseLangs } from '../../src/lexicon/langs.ts';
import { parseLanguageCode } from '../../src/lexicon/language-code.ts';
import { flat, shown } from '../support/finding.ts';

test('a code has its parts, and the mark of a guess is dropped', () => {
  const parts = { language: 'swe', country: 'SE', engine: 'MFA1' };
  assert.deepEqual(parseLanguageCode('sweSE_MFA1_v020'), {
    code: 'sweSE_MFA1_v020',
    ...parts,
    version: '020',
  });
  assert.equal(parseLanguageCode('sweSE_MFA1_v020 (suggested)')?.code, 'sweSE_MFA1_v020');
  assert.equal(parseLanguageCode('engUS_MFA2_v0200a')?.version, '0200a');
});

test('a code that could lead out of the folder is refused', () => {
  for (const text of [
    '',
    '..',
    '../engUS_MFA1_v010',
    'engUS_MFA1_v010/..',
    'engUS_MFA1',
    'engUS_MFA1_v010\0',
    'engUS_$(x)_v010',
  ]) {
    assert.equal(parseLanguageCode(text), null, text);
  }
});

test('an entry is read, its code being the key of its name', () => {
  const { entries, engines, faults } = parseLangs(`{"langs": [
    {"danDK_MFA1_v040": "Danish – DanFA 4.0", "type": "nordic", "alphabet": "DanFAbet", "alternatives": ["norNO_MFA1_v010"],
     "language": "Danish", "priority": 1, "homepage": true, "encoding": "iso-8859-15"}],
    "ngins": [{"code": "MFA1", "name": "Montreal Forced Aligner 1.0"}]}`);
  assert.deepEqual(faults, []);
  assert.deepEqual(entries.get('danDK_MFA1_v040'), {
    code: 'danDK_MFA1_v040',
    displayName: 'Danish – DanFA 4.0',
    languageName: 'Danish',
    type: 'nordic',
    alphabet: 'DanFAbet',
    alternatives: ['norNO_MFA1_v010'],
    priority: 1,
    encoding: 'iso-8859-15',
    line: 2,
  });
  assert.deepEqual(engines, [{ code: 'MFA1', name: 'Montreal Forced Aligner 1.0', link: null }]);
});

test('each bad entry is named with its line, the others count', () => {
  const { entries, faults } = parseLangs(`{"langs": [
    {"danDK_MFA1_v040": "Danish", "alphabet": "DanFAbet"},
    {"danish": "Danish", "alphabet": "DanFAbet"},
    {"norNO_MFA1_v010": "Norwegian", "type": "western", "alphabet": "NoFAbet"},
    {"sweSE_MFA1_v020": "Swedish", "alphabet": "../SweFAbet"},
    {"faoFO_MFA1_v010": "", "alphabet": "X"},
    {"isoIS_MFA1_v010": "I", "alphabet": "X", "encoding": "klingon"},
    7,
    {"danDK_MFA1_v040": "Danish again", "alphabet": "DanFAbet"}
  ]}`);
  assert.deepEqual(
    [...entries.values()].map(({ displayName }) => displayName),
    ['Danish'],
  );
  assert.deepEqual(
    faults.map(flat).map(({ code, file, line }) => [code, file, line]),
    [3, 4, 5, 6, 7, 1, 9].map((line) => ['E_LANGUAGE_BROKEN', 'langs.json', line]),
  );
  assert.match(
    shown(faults[1]),
    /langs\.json line 4: norNO_MFA1_v010: type: expected nordic \| other \| future, found "western"/,
  );
});

test('an alphabet called IPA is refused: its folder in a result is that of the copies in IPA', () => {
  for (const alphabet of ['IPA', 'ipa']) {
    const { entries, faults } = parseLangs(
      `{"langs": [{"engUS_MFA2_v030": "English", "alphabet": "${alphabet}"}]}`,
    );
    assert.equal(entries.size, 0);
    assert.match(shown(faults[0]), /^langs\.json line 1: engUS_MFA2_v030: alphabet: .* such as "MFA_IPA"/);
  }
});

test('broken JSON is a fault with line and column', () => {
  const { faults } = parseLangs('{"langs": [\n  {"a" "b"}\n]}');
  assert.deepEqual(
    faults.map(flat).map(({ message }) => message),
    ['langs.json line 2 column 8: expected ":", found "\\""'],
  );
});

test.run();
