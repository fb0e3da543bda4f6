import assert from 'node:assert/strict';
import { test } from 'uvu';
import { builtInLanguages, makePhonesPage } from '../../scripts/phones-page/page.ts';
import { tabulatePhones } from '../../src/lexicon/phone-table.ts';
import { readFile } from './markdown.ts';

test('docs/phones.md is what "make phones-page" writes', async () => {
  assert.equal(readFile('docs/phones.md'), await makePhonesPage());
});

test('each phone of the built-in languages has IPA, and a word that has the phone', async () => {
  const tables = await Promise.all(builtInLanguages().map(tabulatePhones));
  const rows = tables.flat();
  assert.ok(rows.length > 70);
  for (const { phone, ipa, example } of rows) {
    assert.notEqual(ipa, '', phone);
    assert.ok(example?.phones.includes(phone), `${phone}: ${example?.word}`);
  }
});

test.run();
