import assert from 'node:assert/strict';
import { test } from 'uvu';
import { lookupForm } from '../../src/lexicon/lookup-form.ts';

test('composed and decomposed letters have one form, Hangul included', () => {
  assert.equal(lookupForm('E\u0301COLE'), 'école');
  assert.equal(lookupForm('\u1112\u1161\u11AB'), '한');
});

test('lower case does not depend on a locale', () => {
  assert.equal(lookupForm('INDIGO'), 'indigo');
  assert.equal(lookupForm('ÞÓRÐUR'), 'þórður');
});

test('lower case is composed again where only the small letter has a composed form', () => {
  assert.equal(lookupForm('J\u030C'), '\u01F0');
});

test('typographic apostrophes and hyphens are those of the dictionaries', () => {
  assert.equal(lookupForm('L’école'), "l'école");
  assert.equal(lookupForm('‘bout'), "'bout");
  assert.equal(lookupForm('peut\u2011être'), 'peut-être');
});

test('invisible characters do not make another word', () => {
  assert.equal(lookupForm('\u200Fhel\u00ADlo\u200B'), 'hello');
  assert.equal(lookupForm('\u0645\u06CC\u200C\u0631\u0648\u062F'), '\u0645\u06CC\u0631\u0648\u062F');
  assert.equal(lookupForm('\u200DA\u200Cb'), 'ab');
});

test.run();
