import assert from 'node:assert/strict';
import { test } from 'uvu';
import { toIpa } from '../../src/lexicon/ipa.ts';
import { loadLanguage } from '../../src/lexicon/load-languages.ts';
import { tabulatePhones } from '../../src/lexicon/phone-table.ts';
import { tempFolder } from './temp-folder.ts';

const CODE = 'engUS_FAVE_v010';

/** The table of a language folder with these files, a line for each phone: phone, IPA, word. */
async function tableOf(files: { dict: string; ipa?: object[]; phones?: string; complex2simple?: object[] }) {
  const { dict, ipa = [], phones, complex2simple } = files;
  await using admin = await tempFolder({
    [`${CODE}/${CODE}.dict`]: dict,
    [`${CODE}/${CODE}_IPA.json`]: JSON.stringify(ipa),
    ...(phones === undefined ? {} : { [`${CODE}/${CODE}_meta.yaml`]: `phones: [${phones}]\n` }),
    ...(complex2simple === undefined
      ? {}
      : { [`${CODE}/${CODE}_complex2simple.json`]: JSON.stringify(complex2simple) }),
  });
  const language = await loadLanguage(CODE, { adminDir: admin.path, builtIn: [] });
  const rows = await tabulatePhones(language);
  return rows.map(({ phone, ipa: sound, example }) => `${phone} ${sound} ${example?.word ?? '-'}`);
}

test('phones are in the order of the language, each with its IPA and a word that has it', async () => {
  const table = await tableOf({
    dict: 'apart\tAH0 P AA1 R T\npart\tP AA1 R T\nart\tAA1 R T\n',
    ipa: [
      { dummy: 'P', ipa: 'p' },
      { dummy: 'AA1', ipa: 'ɑ' },
    ],
    phones: 'P, AA1, ZH',
  });
  assert.deepEqual(table, ['P p part', 'AA1 ɑ art', 'ZH ZH -']);
});

test('without a list they are those of the full dictionary, by their labels', async () => {
  const table = await tableOf({
    dict: 'sœur\ts 9 R\nbon\tb §\n',
    complex2simple: [
      { complex: '§', simple: 'N' },
      { complex: '9', simple: '9' },
    ],
  });
  assert.deepEqual(table.map((row) => row.split(' ')[0]).sort(), ['9', '§']);
});

test("the language's own example comes first where its dictionary has the phone in it", async () => {
  const dict = 'art\tAA1 R T\nfather\tF AA1 DH ER0\ncat\tK AE1 T\n';
  const ipa = [
    { dummy: 'AA1', ipa: 'ɑ', example: ' Father ' },
    { dummy: 'AE1', ipa: 'æ', example: 'art' },
    { dummy: 'T', ipa: 't', example: '' },
    { dummy: 'T', ipa: 't', example: 'cat' },
  ];
  const table = await tableOf({ dict, ipa, phones: 'AA1, AE1, T' });
  assert.deepEqual(table, ['AA1 ɑ father', 'AE1 æ cat', 'T t art']);
});

test('plain, short words are taken before signs and abbreviations', async () => {
  const dict = "'t\tT\nwww\tD AH1 B AH0 L Y UW0\ntv\tT IY1 V IY1\ntable\tT EY1 B AH0 L\ntea\tT IY1\n";
  assert.deepEqual(await tableOf({ dict, phones: 'T' }), ['T T tea']);
});

test('a vowel without stress is a schwa where the list of IPA has the vowel alone', () => {
  const ipa = new Map([
    ['AH', 'ʌ'],
    ['ER', 'ɝ'],
    ['IY', 'i'],
    ['EH0', 'ɛ̽'],
    ['EH', 'ɛ'],
    ['K', 'k'],
  ]);
  const labels = ['AH0', 'AH1', 'AH2', 'AH', 'ER0', 'ER1', 'IY0', 'EH0', 'EH2', 'AH3', 'K0', 'UW0'];
  assert.deepEqual(
    labels.map((label) => toIpa(label, ipa)),
    ['ə', 'ʌ', 'ʌ', 'ʌ', 'ɚ', 'ɝ', 'i', 'ɛ̽', 'ɛ', 'AH3', 'K0', 'UW0'],
  );
});

test('the IPA of a label with its stress is used before that of the vowel alone', () => {
  const ipa = new Map([
    ['AH0', 'ɐ'],
    ['AH', 'ʌ'],
  ]);
  assert.equal(toIpa('AH0', ipa), 'ɐ');
});

test.run();
