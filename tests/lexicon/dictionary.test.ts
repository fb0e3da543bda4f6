import assert from 'node:assert/strict';
import { test } from 'uvu';
import { readPhoneInventory, readPronunciations } from '../../src/lexicon/dictionary.ts';
import { forEachLine } from '../../src/lexicon/dictionary-lines.ts';
import { flat, shown } from '../support/finding.ts';
import { tempFolder } from './temp-folder.ts';

async function read(content: string | Uint8Array, wanted: readonly string[] | null = null) {
  await using folder = await tempFolder({ 'd.dict': content });
  const { pronunciations, warnings } = await readPronunciations(
    `${folder.path}/d.dict`,
    wanted === null ? null : new Set(wanted),
  );
  return { lines: pronunciations.map(({ word, phones }) => `${word}: ${phones.join(' ')}`), warnings };
}

test('a TAB or blanks stand between word and phones', async () => {
  const { lines } = await read('a\tAH0\nb  B IY1\n  c \t S IY1  \n');
  assert.deepEqual(lines, ['a: AH0', 'b: B IY1', 'c: S IY1']);
});

test('CR LF, a byte order mark, blank lines and a missing last line feed do not matter', async () => {
  const { lines, warnings } = await read('\uFEFFa\tAH0\r\n\r\n   \r\nb\tB IY1');
  assert.deepEqual(lines, ['a: AH0', 'b: B IY1']);
  assert.deepEqual(warnings, []);
});

test('a numbered head is a variant of its word, in file order', async () => {
  const { lines } = await read('read\tR EH D\nread(2)\tR IY D\nread(13)\tR AH D\n(2)\tT UW\n', [
    'read',
    '(2)',
  ]);
  assert.deepEqual(lines, ['read: R EH D', 'read: R IY D', 'read: R AH D', '(2): T UW']);
});

test('heads are looked up in lower case and composed', async () => {
  const { lines } = await read('E\u0301cole\te k O l\nRÍO\tR i o\n', ['école', 'río']);
  assert.deepEqual(lines, ['école: e k O l', 'río: R i o']);
});

test('a repeated variant is kept once', async () => {
  const { lines } = await read('École\te k O l\nécole\te k O l\nécole(2)\te k o l\n');
  assert.deepEqual(lines, ['école: e k O l', 'école: e k o l']);
});

test('two semicolons begin a comment, one or a hash begins a word', async () => {
  const { lines, warnings } = await read(
    ';; made by hand\n;semi-colon\tS EH\n#hash\tHH AE SH\n#\tHH AE SH\n',
  );
  assert.deepEqual(lines, [';semi-colon: S EH', '#hash: HH AE SH', '#: HH AE SH']);
  assert.deepEqual(warnings, []);
});

test('probabilities are left out, phones that are whole numbers are kept', async () => {
  const { lines } = await read(
    'the\t0.99\t0.16\t1.0\t.98\tDH AH0\nthe\t0.5\tDH IY0\nfleur\tf l 9 R\ndeux\t2 d 2\n',
  );
  assert.deepEqual(lines, ['the: DH AH0', 'the: DH IY0', 'fleur: f l 9 R', 'deux: 2 d 2']);
});

test('lines with which an engine writes silence are not words', async () => {
  const { lines } = await read('sp  sp\n{SIL} sil\n<s> SIL\nsil\tS IH L\n{BR}\tbr\n');
  assert.deepEqual(lines, ['sil: S IH L', '{br}: br']);
});

test('bad lines are named with their numbers and cost no other line', async () => {
  const { lines, warnings } = await read(
    Buffer.from('a\tAH0\nalone\ncaf\xe9\tK AE F\n\nb\tB IY1\n', 'latin1'),
  );
  assert.deepEqual(lines, ['a: AH0', 'b: B IY1']);
  assert.deepEqual(
    warnings.map(flat).map(({ code, file, line }) => [code, file, line]),
    [
      ['W_DICTIONARY_LINE', 'd.dict', 2],
      ['W_DICTIONARY_LINE', 'd.dict', 3],
    ],
  );
  assert.match(shown(warnings[0]), /d\.dict line 2: expected a word, a TAB and phones, found only "alone"/);
  assert.match(shown(warnings[1]), /UTF-8/);
});

test('many bad lines are counted, not listed', async () => {
  const { warnings } = await read('x\n'.repeat(8603));
  assert.equal(warnings.length, 11);
  assert.match(shown(warnings.at(-1)), /and 8,593 more bad lines/);
});

test('only wanted words are kept', async () => {
  const { lines } = await read('a\tAH0\nb\tB IY1\nab\tAE B\n', ['ab', 'x']);
  assert.deepEqual(lines, ['ab: AE B']);
});

test('UTF-16 with a byte order mark is read', async () => {
  const { lines } = await read(Buffer.from('\uFEFFaño\ta NY o\r\n', 'utf16le'));
  assert.deepEqual(lines, ['año: a NY o']);
});

test('words and letters at the edge of a chunk are read whole', async () => {
  const many = Array.from({ length: 60_000 }, (_, index) => `€€€€${index}€€€€\tE ${index % 7} €`);
  const { lines, warnings } = await read(many.join('\n'));
  assert.equal(lines.length, many.length);
  assert.deepEqual(warnings, []);
  assert.ok(many.every((line, index) => lines[index] === line.replace('\t', ': ')));
});

test('a file without line ends is not kept in memory as a whole', async () => {
  await using folder = await tempFolder({ 'd.dict': Buffer.alloc(3_000_000, 'x') });
  const lengths: number[] = [];
  await forEachLine(`${folder.path}/d.dict`, (line) => lengths.push(line.length));
  assert.deepEqual(lengths, [64 * 1024]);
});

test('a folder in place of the dictionary is refused, a missing file says so', async () => {
  await using folder = await tempFolder();
  await assert.rejects(readPronunciations(folder.path, null), { code: 'E_PATH_KIND' });
  await assert.rejects(readPronunciations(`${folder.path}/none`, null), { code: 'ENOENT' });
});

test('the inventory holds every phone once and no probability', async () => {
  await using folder = await tempFolder({ 'd.dict': 'a\t0.9\tAH0\nb\tB IY1\nbee\tB IY1\nbad\n' });
  assert.deepEqual(await readPhoneInventory(`${folder.path}/d.dict`), new Set(['AH0', 'B', 'IY1']));
});

test.run();
