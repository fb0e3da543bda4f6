import assert from 'node:assert/strict';
import { test } from 'uvu';
import {
  displayWidth,
  escapeControls,
  pad,
  singleLine,
  truncate,
  wrap,
} from '../../src/cli/terminal-text.ts';

const RED = '\x1b[31m';
const RESET = '\x1b[0m';

test('control characters that move the cursor, ring the bell, set the title or reverse text are shown, not executed', () => {
  assert.equal(escapeControls('\x1b]0;title\x07'), '\\x1b]0;title\\x07');
  assert.equal(escapeControls('a\x1b[2Jb'), 'a\\x1b[2Jb');
  assert.equal(escapeControls('x\r\ty\x9b1m'), 'x\\r\\ty\\x9b1m');
  assert.equal(escapeControls('abc\u202etxt.wav'), 'abc\\u{202e}txt.wav');
  assert.equal(escapeControls('half \ud83d pair'), 'half \\u{d83d} pair');
});

test('letters of all scripts, emoji and line breaks stay; in a single line the breaks are shown', () => {
  const text = 'Þórarinn 語 עברית 👩‍🔬 e\u0301\nnext';
  assert.equal(escapeControls(text), text);
  assert.equal(singleLine('a\nb'), 'a\\nb');
});

test('styles of the program itself stay, and take no columns', () => {
  assert.equal(escapeControls(`${RED}no${RESET}`), `${RED}no${RESET}`);
  assert.equal(displayWidth(`${RED}no${RESET}`), 2);
});

test('width counts columns, not code units', () => {
  assert.equal(displayWidth('voilà'), 5);
  assert.equal(displayWidth('voila\u0300'), 5);
  assert.equal(displayWidth('日本'), 4);
  assert.equal(displayWidth('👩‍🔬'), 2);
  assert.equal(displayWidth('한국어'), 6);
});

test('padding lines up texts of any script', () => {
  assert.equal(pad('日本', 6), '日本  ');
  assert.equal(pad('7', 3, 'right'), '  7');
  assert.equal(pad('too long', 3), 'too long');
});

test('cutting keeps to the width, marks the cut and ends the styles', () => {
  assert.equal(truncate('abcdef', 4), 'abc…');
  assert.equal(truncate('abcd', 4), 'abcd');
  assert.equal(truncate('日本語', 4), '日…');
  assert.equal(truncate(`${RED}abcdef${RESET}`, 3), `${RED}ab…${RESET}`);
});

test('a text is broken between words; a longer word is not cut', () => {
  assert.deepEqual(wrap('one two three', 8), ['one two', 'three']);
  assert.deepEqual(wrap('see /a/very/long/path now', 6), ['see', '/a/very/long/path', 'now']);
  assert.deepEqual(wrap('', 6), ['']);
});

test.run();
