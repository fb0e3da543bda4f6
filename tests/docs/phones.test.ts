import assert from 'node:assert/strict';
import { test } from 'uvu';
import { makePhonesPage } from '../../scripts/phones-page/page.ts';
import { readFile, tableRows } from './markdown.ts';

test('docs/phones.md is what "make phones-page" writes', async () => {
  assert.equal(readFile('docs/phones.md'), await makePhonesPage());
});

test('each phone of the page has IPA, and a word that has the phone', () => {
  const rows = tableRows(readFile('docs/phones.md'), 'phone', 'IPA', 'as in', 'pronounced');
  assert.ok(rows.length > 70);
  for (const [phone = '', ipa, word, pronounced = ''] of rows) {
    assert.ok(ipa !== '' && word !== '', phone);
    assert.ok(
      pronounced.replaceAll('`', '').split(' ').includes(phone.replaceAll('`', '')),
      `${phone}: ${word}`,
    );
  }
});

test.run();
