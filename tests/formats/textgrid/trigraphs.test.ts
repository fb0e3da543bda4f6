import assert from 'node:assert/strict';
import { test } from 'uvu';
import { readTrigraphs } from '../../../src/formats/textgrid/trigraphs.ts';

test('letters with accents are read as Praat shows them', () => {
  assert.equal(
    readTrigraphs('g\\e\'n\\e\'ral for\\e^ts \\o"l \\O"l fa\\c,ade ma\\n~ana sm\\o/rebr\\o/d \\Aase'),
    'général forêts öl Öl façade mañana smørebrød \\Aase',
  );
  assert.equal(
    readTrigraphs('\\Ao \\ao \\ss \\ae \\Ae \\oe \\th \\Th \\dh \\c< \\z! \\l/'),
    'Å å ß æ Æ œ þ Þ ð č ż ł',
  );
});

test('phonetic symbols and diacritics are read', () => {
  assert.equal(readTrigraphs("\\'1si\\ngi\\ng \\sw\\:f t\\^h a\\~^ n\\0v"), 'ˈsiŋiŋ əː tʰ a\u0303 n\u0325');
});

test('a backslash that begins no trigraph stays, and the result is not read again', () => {
  assert.equal(readTrigraphs('C:\\ \\ \\q \\zz é\\'), 'C:\\ \\ \\q \\zz é\\');
  assert.equal(readTrigraphs("\\bse'"), "\\e'");
});

test.run();
