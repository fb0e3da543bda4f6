import assert from 'node:assert/strict';
import { test } from 'uvu';
import { safeEntryNames as safeNames } from '../../../src/pipeline/package/entry-names.ts';

const safeEntryNames = (names: readonly string[]) => safeNames(names, ['TextGrid', 'json']);

test('plain names of any script stay as they are', () => {
  const names = ['talk', 'day 1/Größe', 'שלום', '録音/一', "it's 🎤"];
  assert.deepEqual(safeEntryNames(names), names);
});

test('no name is absolute, leads up or is empty', () => {
  assert.deepEqual(safeEntryNames(['/etc/passwd', '../../x', './a', '...', 'a/../b']), [
    'etc/passwd',
    'x',
    'a',
    'unnamed',
    'a/b',
  ]);
});

test('characters that a system refuses or hides are replaced', () => {
  assert.deepEqual(safeEntryNames(['a:b?c', 'new\nline', 'right\u202eleft', 'back\\slash', 'end. ']), [
    'a_b_c',
    'new_line',
    'right_left',
    'back_slash',
    'end',
  ]);
});

test('names of devices are not used', () => {
  assert.deepEqual(safeEntryNames(['CON', 'nul.part', 'console']), ['_CON', '_nul.part', 'console']);
});

test('names that differ only in case get different numbers', () => {
  assert.deepEqual(safeEntryNames(['Talk', 'talk', 'TALK', 'straße', 'STRASSE']), [
    'Talk',
    'talk_2',
    'TALK_3',
    'straße',
    'STRASSE_2',
  ]);
});

test('no folder has the name of a file beside it', () => {
  assert.deepEqual(safeEntryNames(['a', 'a.TextGrid/b', 'A.textgrid/c', 'a.json/d', 'a.txt/e']), [
    'a',
    'a.TextGrid_/b',
    'A.textgrid_/c',
    'a.json_/d',
    'a.txt/e',
  ]);
});

test('a name that is too long is cut between characters', () => {
  const [name = ''] = safeEntryNames(['ä'.repeat(300)]);
  assert.equal(name, 'ä'.repeat(100));
});

test.run();
