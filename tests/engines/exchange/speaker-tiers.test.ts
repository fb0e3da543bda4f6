import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import type { AlignedWord } from '../../../src/engines/engine.ts';
import { parseOutput, readSpeaker } from '../../../src/engines/exchange/speaker-tiers.ts';

const RECORDINGS = path.resolve(import.meta.dirname, '../../fixtures/recordings');

async function readWords(file: string, words: string, phones: string): Promise<AlignedWord[]> {
  const grid = await parseOutput(await readFile(path.join(RECORDINGS, file), 'utf8'), 'it');
  return readSpeaker(grid, { words, phones }, (token) => (/^(sp|\{SIL\}|)$/.test(token) ? null : token));
}

const textOf = (words: readonly AlignedWord[]): string => words.map((word) => word.label).join(' ');
const phonesOf = (words: readonly AlignedWord[], label: string): string | undefined =>
  words
    .find((word) => word.label === label)
    ?.phones.map((phone) => phone.label)
    .join(' ');

test('output of FAVE for two speakers is read per speaker, without silence', async () => {
  const ann = await readWords('fave/two-speakers/out/o.TextGrid', 'Ann - word', 'Ann - phone');
  assert.equal(textOf(ann), 'HE WAS NOT AN ILL DISPOSED YOUNG MAN');
  assert.equal(phonesOf(ann, 'DISPOSED'), 'D IH0 S P OW1 Z D');
  assert.deepEqual([ann[0]?.startSec, ann.at(-1)?.endSec], [7.323, 9.803]);
  const bob = await readWords('fave/two-speakers/out/o.TextGrid', 'Bob - word', 'Bob - phone');
  assert.equal(textOf(bob), 'UNLESS TO BE RATHER COLD HEARTED AND RATHER SELFISH IS TO BE ILL DISPOSED');
});

test('words that FAVE lost are not invented', async () => {
  const lost = await readWords('fave/unknown-word/out/o.TextGrid', 'Bob - word', 'Bob - phone');
  assert.equal(textOf(lost), 'UNLESS TO BE RATHER COLD HEARTED AND RATHER IS TO BE ILL DISPOSED');
  assert.deepEqual(await readWords('fave/all-unknown/out/o.TextGrid', 'Ann - word', 'Ann - phone'), []);
  assert.deepEqual(await readWords('fave/header-only-wav/out/o.TextGrid', 'Ann - word', 'Ann - phone'), []);
  const headerDropped = 'fave/decimal-comma-on-line-1/out/o.TextGrid';
  assert.deepEqual(await readWords(headerDropped, 'Ann - word', 'Ann - phone'), []);
});

test('output of faseAlign for two speakers is read per speaker, although it begins late and ends early', async () => {
  const ana = await readWords('fase/two-speakers/out/r.TextGrid', 'Ana : words', 'Ana : phones');
  assert.equal(textOf(ana), 'LA CASA BLANCA ESTÁ CERCA DEL RÍO');
  assert.equal(phonesOf(ana, 'RÍO'), 'R i o');
  const beto = await readWords('fase/two-speakers/out/r.TextGrid', 'Beto : words', 'Beto : phones');
  assert.equal(textOf(beto), 'MI HERMANO COMPRÓ UN COCHE NUEVO AYER POR LA MAÑANA');
});

test('words that faseAlign lost are not invented', async () => {
  const words = await readWords('fase/digital-silence/out/r.TextGrid', 'S1 : words', 'S1 : phones');
  assert.equal(textOf(words), 'LA CASA BLANCA ESTÁ CERCA DEL RÍO');
});

test('every recorded word has all the phones of its time and no silence among them', async () => {
  const runs = [
    ['fave/two-speakers/out/o.TextGrid', 'Bob - word', 'Bob - phone'],
    ['fase/one-speaker/out/r.TextGrid', 'S1 : words', 'S1 : phones'],
  ] as const;
  for (const [file, words, phones] of runs) {
    for (const word of await readWords(file, words, phones)) {
      assert.ok(word.phones.length > 0, word.label);
      assert.equal(word.phones[0]?.startSec, word.startSec);
      assert.ok(word.phones.every(({ label }) => label !== 'sp' && label !== 'sil'));
      assert.ok(Math.abs((word.phones.at(-1)?.endSec ?? 0) - word.endSec) <= 0.001, word.label);
    }
  }
});

test('silence within a word and phones outside of any word are left out', async () => {
  const tierOf = (name: string, ...labels: string[]): string =>
    `"IntervalTier"\n"${name}"\n0\n5\n${labels.length}\n${labels.map((label, i) => `${i}\n${i + 1}\n"${label}"`).join('\n')}`;
  const words = '"IntervalTier"\n"w"\n0\n5\n2\n0\n1\n""\n1\n5\n"LA"';
  const phones = tierOf('p', 'k', 'l', 'sil', 'a', 'sp');
  const grid = await parseOutput(
    `File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n5\n<exists>\n2\n${words}\n${phones}\n`,
    'it',
  );
  const [la] = readSpeaker(grid, { words: 'w', phones: 'p' }, (token) => (token === 'LA' ? 'la' : null));
  assert.deepEqual(la?.phones, [
    { label: 'l', startSec: 1, endSec: 2 },
    { label: 'a', startSec: 3, endSec: 4 },
  ]);
});

test('output that is no TextGrid is invalid, and the engine is named', async () => {
  await assert.rejects(parseOutput('Traceback (most recent call last):', 'FAVE'), {
    code: 'E_OUTPUT_INVALID',
    message: /^FAVE wrote no TextGrid/,
  });
});

test.run();
