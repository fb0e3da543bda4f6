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
  for (const sign of '`´ʼ‘’‛′＇') assert.equal(lookupForm(`Don${sign}t`), "don't");
});

test('the dotted capital I and the capital sharp s have their small letters', () => {
  assert.equal(lookupForm('İZMİR'), 'izmir');
  assert.equal(lookupForm('I\u0307zmir'), 'izmir');
  assert.equal(lookupForm('STRAẞE'), 'straße');
});

test('invisible characters do not make another word', () => {
  assert.equal(lookupForm('\u200Fhel\u00ADlo\u200B'), 'hello');
  assert.equal(lookupForm('\u0645\u06CC\u200C\u0631\u0648\u062F'), '\u0645\u06CC\u0631\u0648\u062F');
  assert.equal(lookupForm('\u200DA\u200Cb'), 'ab');
  assert.equal(lookupForm('no\u2060w\uFEFF\uFE0F'), 'now');
});

test('ligatures of print are the letters that they stand for', () => {
  assert.equal(lookupForm('\uFB01sh'), 'fish');
  assert.equal(lookupForm('e\uFB03cient'), 'efficient');
  assert.equal(lookupForm('\uFB02Y'), 'fly');
});

test.run();
