import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { atOnce } from '../../../src/base/pieces.ts';
import { decodeText } from '../../../src/formats/text-encoding.ts';
import type { TextGrid } from '../../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { isBinaryTextGrid, readBinaryTextGridInPieces } from '../../../src/formats/textgrid/read-binary.ts';
import { readTrigraphs } from '../../../src/formats/textgrid/trigraphs.ts';
import { writeTextGrid } from '../../../src/formats/textgrid/write.ts';
import { writeShortTextGridInPieces } from '../../../src/formats/textgrid/write-short.ts';
import type { Interval } from '../../../src/formats/tiers.ts';
import { writeBinaryTextGrid } from '../../support/binary-textgrid.ts';
import { findPraat, rewriteWithPraat } from '../../support/praat.ts';

const praat = findPraat();
const test = suite<{ dir: string }>('textgrid against the real Praat', { dir: '' });
if (praat === null) console.log('praat is not on PATH: the comparisons with the real Praat are skipped');

test.before((context) => {
  context.dir = mkdtempSync(path.join(tmpdir(), 'praat-test-'));
});

test.after(({ dir }) => {
  rmSync(dir, { recursive: true, force: true });
});

const LABELS = [
  '',
  'plain',
  'she said "no"',
  '"',
  '""',
  'two\nlines\tand a tab',
  ' ! 5 <exists> ',
  'Ünï 日本 😀 é',
  '\\',
];

/** Times that are hard to write short, labels that are hard to quote, names that cannot be file names. */
function hardGrid(): TextGrid {
  const endSec = 12.3456789012345;
  const boundaries = [0, 1e-7, 0.000012345, 0.1 + 0.2, 1 / 3, 2, 2.0000000000000004, 7.25, 12.3, endSec];
  const intervals = LABELS.map((text, index): Interval => {
    const [startSec = 0, nextSec = 0] = boundaries.slice(index, index + 2);
    return { startSec, endSec: nextSec, text };
  });
  const one = [{ startSec: 0, endSec, text: '' }];
  const points = [1e-10, 1 / 7, 5].map((timeSec, index) => ({ timeSec, text: LABELS[index + 2] ?? '' }));
  const range = { startSec: 0, endSec };
  return {
    ...range,
    tiers: [
      { kind: 'interval', name: 'anna "A" / 1', ...range, intervals },
      { kind: 'point', name: '', ...range, points },
      { kind: 'interval', name: '', ...range, intervals: one },
      { kind: 'interval', name: 'anna "A" / 1', ...range, intervals: one },
    ],
  };
}

const compare = praat === null ? test.skip : test;

compare('Praat reads what we write, and writes the same bytes', async ({ dir }) => {
  const inputPath = path.join(dir, 'ours.TextGrid');
  const ours = writeTextGrid(hardGrid());
  await writeFile(inputPath, ours);
  const { longPath, shortPath } = await rewriteWithPraat(praat ?? '', inputPath, dir);
  assert.equal(await readFile(longPath, 'utf8'), ours);
  assert.equal(await readFile(shortPath, 'utf8'), atOnce(writeShortTextGridInPieces(hardGrid())));
});

compare('we read each form that Praat writes', async ({ dir }) => {
  const inputPath = path.join(dir, 'ours.TextGrid');
  await writeFile(inputPath, writeTextGrid(hardGrid()));
  const { unicodePath, binaryPath, ...texts } = await rewriteWithPraat(praat ?? '', inputPath, dir);
  for (const [form, textPath] of Object.entries(texts) as [string, string][]) {
    const decoded = decodeText(await readFile(textPath), textPath);
    // A chronological file with more than ASCII is UTF-16, whatever the preferences say.
    if (form !== 'chronologicalPath')
      assert.equal(decoded.encoding, form === 'utf16Path' ? 'utf-16be' : 'utf-8');
    assert.deepEqual(readTextGrid(decoded.text, textPath), hardGrid(), form);
  }
  const binary = await readFile(binaryPath);
  assert.ok(isBinaryTextGrid(binary));
  assert.deepEqual(atOnce(readBinaryTextGridInPieces(binary, binaryPath)), hardGrid());
  assert.ok(binary.equals(writeBinaryTextGrid(hardGrid())));
  assert.notEqual(unicodePath, '');
});

compare('we read trigraphs as Praat does, but for signs that are no letters', async ({ dir }) => {
  const signs = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n));
  const labels = signs.flatMap((one) => signs.map((other) => `x\\${one}${other}`));
  const range = { startSec: 0, endSec: labels.length };
  const intervals = labels.map((text, n) => ({ startSec: n, endSec: n + 1, text }));
  const inputPath = path.join(dir, 'trigraphs.TextGrid');
  const grid = { ...range, tiers: [{ kind: 'interval' as const, name: 'a', ...range, intervals }] };
  await writeFile(inputPath, writeTextGrid(grid));
  const { unicodePath } = await rewriteWithPraat(praat ?? '', inputPath, dir);
  const [tier] = readTextGrid(await readFile(unicodePath, 'utf8'), unicodePath).tiers;
  assert.ok(tier?.kind === 'interval' && tier.intervals.length === labels.length);
  for (const [n, { text }] of tier.intervals.entries()) {
    const ours = readTrigraphs(labels[n] ?? '');
    if (ours === labels[n] && /^x[\p{S}\p{P}]$/u.test(text)) continue;
    assert.equal(ours.normalize('NFC'), text.normalize('NFC'), labels[n]);
  }
});

compare('what is written freely, we read as Praat does', async ({ dir }) => {
  const tier = '"IntervalTier" "a" 0 1 1 0 1 "x" ';
  for (const free of [
    `"ooTextFile"\n"TextGrid"\n0 1 <exists> 1 ${tier}`,
    `File type = "ooTextFile short"\n"TextGrid"\n0 1 <exists> 1 ${tier}trailing "words" 5`,
    '"ooTextFile"\n"TextGrid"\n! "no" 5 <x>\n+ 0 1 seconds <exists>! 1 tier\n1 "IntervalTier" "a" 0 1 1 0 1 "x"',
    '"ooTextFile"\r"TextGrid"\r0\v1\f<exists>\u00a01 "IntervalTier" "a" 0 1 1 0 1 "x\ry\r\nz"',
    '"ooTextFile"\n"TextGrid"\n0 1 <exists> 1 "IntervalTier" "a" 0 1 2.0 0.5 1 "b" 0 0.6 "a"',
    '"ooTextFile"\n"TextGrid"\n0 2 <exists> 2 "IntervalTier" "a" 1 2 0 "TextTier" "p" 0 1 2 0.5 "b" 0.2 "a"',
    '"ooTextFile"\n"TextGrid"\n-5e-5 1e5 <exists> 1 "IntervalTier" "a" xmin=7 0 1 1 size=9 0 +1.50 "x"',
    '"ooTextFile"\n"TextGrid"\n0% 100% <exists> 1 "IntervalTier" "a" 0 2/2 2 0 1/4 "x" 25% 50%/50% "y"',
    '"Praat chronological TextGrid text file"\n0 1 ! Time\n2 tiers "TextTier" "p" 0 1\n"IntervalTier" "a" 0 1\n! a\n2 0 1 "x"\n1 0.5 "y" the rest',
  ]) {
    const inputPath = path.join(dir, 'free.TextGrid');
    await writeFile(inputPath, free);
    const { longPath } = await rewriteWithPraat(praat ?? '', inputPath, dir);
    const asPraat = readTextGrid(await readFile(longPath, 'utf8'), longPath);
    assert.deepEqual(readTextGrid(free, inputPath), asPraat, free);
  }
});

test.run();
