import assert from 'node:assert/strict';
import { test } from 'uvu';
import { readEntities } from '../../src/formats/entities.ts';

test('entities are the characters that they stand for', () => {
  assert.equal(readEntities('rock&nbsp;&amp;&nbsp;roll'), 'rock\u00a0&\u00a0roll');
  assert.equal(
    readEntities('&eacute;t&eacute; &szlig; &yuml; &times; &oelig; &#233; &#xE9; &#x1F600;'),
    'été ß ÿ × œ é é 😀',
  );
});

test('numbers that stand for signs of Windows are read as these, as browsers do', () => {
  assert.equal(readEntities('don&#146;t &#x85; &#129;'), 'don’t … &#129;');
});

test('the result of an entity is not read again', () => {
  assert.equal(readEntities('&amp;lt;b&amp;gt; &lt;b&gt;'), '&lt;b&gt; <b>');
});

test('text that is not an entity stays unchanged', () => {
  const text = 'Q&A; AT&T &unknown; &#0; &#xD800; &#9999999; & &amp';
  assert.equal(readEntities(text), text);
});

test.run();
