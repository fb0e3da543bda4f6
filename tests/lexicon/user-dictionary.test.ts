import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Language } from '../../src/lexicon/language.ts';
import { readUserDictionary } from '../../src/lexicon/user-dictionary.ts';
import { flat, shown } from '../support/finding.ts';
import { languageOf, tempFolder } from './temp-folder.ts';

const ARPABET = ['AE0', 'AE1', 'B', 'K', 'NG', 'T'];

async function faultsOf(content: string, phones: readonly string[] = ARPABET, more: Partial<Language> = {}) {
  await using folder = await tempFolder({ 'mine.dict': content });
  const path = `${folder.path}/mine.dict`;
  const { faults } = await readUserDictionary(path, new Set(), {
    language: languageOf(path, more),
    phones: new Set(phones),
  });
  return faults;
}

test('every line is checked, wanted or not, and named', async () => {
  const faults = await faultsOf('cat\tK AE1 T\nalone\ntack\tT AE1 KK\n');
  assert.deepEqual(
    faults.map(flat).map(({ code, file, line }) => [code, file, line]),
    [
      ['E_DICTIONARY_MALFORMED', 'mine.dict', 2],
      ['E_DICTIONARY_MALFORMED', 'mine.dict', 3],
    ],
  );
});

test('a phone in the other case is recognised', async () => {
  const [fault] = await faultsOf('cat\tK ae1 T\n');
  assert.match(
    shown(fault),
    /mine\.dict line 1: phone "ae1" is not one of the 6 phones of English \(US\); did you mean "AE1"\?/,
  );
});

test('a vowel without stress gets a fault with its stressed forms', async () => {
  const [fault] = await faultsOf('cat\tK AE T\n');
  assert.match(shown(fault), /did you mean "AE0" or "AE1"\?/);
});

test('a vowel with an unknown stress gets a fault with the known ones', async () => {
  const [fault] = await faultsOf('cat\tK AE3 T\n');
  assert.match(shown(fault), /did you mean "AE0" or "AE1"\?/);
});

test('a phone of the acoustic model gets a fault with the phones that it stands for', async () => {
  const [fault] = await faultsOf('cinquante\tcinq\n', ['5', '@'], {
    complexToSimple: new Map([['5', 'cinq']]),
  });
  assert.match(shown(fault), /did you mean "5"\?/);
});

test('a typing error gets the nearest phone, a single letter does not', async () => {
  const [typo] = await faultsOf('bang\tB AE1 NGG\n');
  assert.match(shown(typo), /did you mean "NG"\?/);
  const [letter] = await faultsOf('bang\tX\n');
  assert.doesNotMatch(shown(letter), /did you mean/);
});

test('a comment after a hash gets a fault that says how comments begin', async () => {
  const [fault] = await faultsOf('# my words\n');
  assert.match(shown(fault), /a comment begins with ;;/);
});

test('a file of another kind gives twenty faults and a count', async () => {
  const faults = await faultsOf('some text without any phones\n'.repeat(500));
  assert.equal(faults.length, 21);
  assert.match(shown(faults.at(-1)), /and 480 more bad lines/);
});

test('without a phone set the phones are not checked', async () => {
  assert.deepEqual(await faultsOf('cat\tanything goes\n', []), []);
});

test.run();
