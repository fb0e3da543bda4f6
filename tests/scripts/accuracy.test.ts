import assert from 'node:assert/strict';
import {
  createWriteStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { test } from 'uvu';
import { ZipFile } from 'yazl';
import { comparePhones, compareWords } from '../../scripts/accuracy/compare.ts';
import { figuresOf } from '../../scripts/accuracy/figures.ts';
import { toEngineLabel } from '../../scripts/accuracy/phone-labels.ts';
import { formatReport, reportOn } from '../../scripts/accuracy/report.ts';
import { readResults } from '../../scripts/accuracy/results.ts';
import { FORMAT_SAMPLES, makeFormatSample } from '../../scripts/samples/make-formats.ts';
import { makeLongSample } from '../../scripts/samples/make-long.ts';
import { readSampleGrid } from '../../scripts/samples/read-grid.ts';
import { lookUpForms } from '../../scripts/samples/speech.ts';
import { textGridBytes, withGaps } from '../../scripts/samples/textgrid.ts';
import { RECORDINGS } from '../../scripts/samples/texts.ts';
import { readWav } from '../../scripts/samples/wav.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import type { Interval } from '../../src/formats/tiers.ts';

const SAMPLES = path.join(import.meta.dirname, '..', '..', 'samples');
const SIZE_LIMIT_BYTES = 10_000_000;

test('a result that equals the reference has no error', () => {
  const reference = gridOf({
    phones: 'dh@0-100 ax@100-200 k@300-400 ae@400-500 t@500-600',
    words: 'the@0-200 cat@300-600',
  });
  const { referenceCount, matchedCount, errorsMs } = compareWords(reference, reference);
  assert.deepEqual([referenceCount, matchedCount, errorsMs], [2, 2, [0, 0, 0, 0]]);
  assert.equal(comparePhones(reference, reference, (label) => label).matchedCount, 5);
});

test('start and end of each word count in milliseconds, whichever side they lie on', () => {
  const result = gridOf({ phones: '', words: 'the@20-190 cat@310-650' });
  const reference = gridOf({ phones: '', words: 'the@0-200 cat@300-600' });
  assert.deepEqual(compareWords(result, reference).errorsMs.map(Math.round), [20, 10, 10, 50]);
});

test('a word that the result lost is missing, and the words around it are still matched', () => {
  const result = gridOf({ phones: '', words: 'the@0-200 sat@600-900' });
  const reference = gridOf({ phones: '', words: 'the@0-200 cat@300-600 sat@600-900' });
  const { referenceCount, matchedCount, errorsMs } = compareWords(result, reference);
  assert.deepEqual([referenceCount, matchedCount, errorsMs], [3, 2, [0, 0, 0, 0]]);
});

test('the same word in another sentence is not its match', () => {
  const sentences = 'one@0-500 two@500-1000';
  const result = gridOf({ phones: '', words: 'the@600-700', sentences });
  const reference = gridOf({ phones: '', words: 'the@100-200', sentences });
  assert.equal(compareWords(result, reference).matchedCount, 0);
});

test('silence, case and punctuation of a result do not matter', () => {
  const result = gridOf({ phones: '', words: 'The,@0-200 sp@200-300 "Cat"@300-600 <sil>@600-700' });
  const reference = gridOf({ phones: '', words: 'the@0-200 cat@300-600' });
  assert.equal(compareWords(result, reference).matchedCount, 2);
});

test('a written word that the result gives in two parts is one word', () => {
  const result = gridOf({ phones: '', words: "L'@0-100 école@100-400 est@400-500 -ce@500-600" });
  const reference = gridOf({ phones: '', words: "l'école@0-410 est-ce@410-600" });
  const { matchedCount, errorsMs } = compareWords(result, reference);
  assert.equal(matchedCount, 2);
  assert.deepEqual(errorsMs.map(Math.round), [0, 10, 10, 0]);
});

test('a tier that the result lacks makes all its words missing', () => {
  const reference = gridOf({ phones: '', words: 'the@0-200 cat@300-600' });
  const result: TextGrid = {
    ...reference,
    tiers: reference.tiers.filter(({ name }) => !name.endsWith('word')),
  };
  assert.deepEqual(compareWords(result, reference), { referenceCount: 2, matchedCount: 0, errorsMs: [] });
});

test('phones are compared only in words where both sides have the same ones', () => {
  const words = 'the@0-200 cat@300-600';
  const reference = gridOf({ phones: 'dh@0-100 ax@100-200 k@300-400 ae@400-500 t@500-600', words });
  const result = gridOf({ phones: 'DH@0-110 AH@110-200 K@300-400 EH@400-500 T@500-600', words });
  const compared = comparePhones(result, reference, (label) => toEngineLabel('en-us', label));
  assert.equal(compared.referenceCount, 5);
  assert.equal(compared.matchedCount, 2);
  assert.deepEqual(compared.errorsMs.map(Math.round), [0, 10, 10, 0]);
});

test('figures have mean, median and shares, and a missing boundary is outside every limit', () => {
  assert.deepEqual(figuresOf([10, 20, 60], 1), {
    boundaryCount: 3,
    missingCount: 1,
    meanMs: 30,
    medianMs: 20,
    within20Ms: 0.5,
    within50Ms: 0.5,
    within100Ms: 0.75,
  });
  assert.equal(figuresOf([1, 2, 4, 9], 0).medianMs, 3);
});

test('the report has a line for each sample and one for each language', () => {
  const reference = gridOf({ phones: '', words: 'the@0-200' });
  const rows = reportOn([
    { name: 'a', language: 'en-us', reference, result: reference },
    { name: 'b', language: 'en-us', reference, result: null },
    { name: 'c', language: 'fr-fr', reference, result: reference },
  ]);
  assert.deepEqual(
    rows.map(({ name, words }) => [name, words.within50Ms]),
    [
      ['a', 1],
      ['b', 0],
      ['all English', 0.5],
      ['c', 1],
      ['all French', 1],
    ],
  );
  assert.match(formatReport(rows), /all English +2 +1 +0\.0 +0\.0 +50\.0 +50\.0 +50\.0/);
});

test('no line of the report is wider than 80 columns', () => {
  const unit = {
    boundaryCount: 1,
    referenceCount: 4711,
    comparedCount: 4711,
    missingCount: 0,
    meanMs: 123.4,
    medianMs: 123.4,
  };
  const shares = { within20Ms: 1, within50Ms: 1, within100Ms: 1 };
  const names = RECORDINGS.map(({ folder, stem }) => `${folder}/${stem}`);
  const rows = names.map((name) => ({
    name,
    isTotal: false,
    words: { ...unit, ...shares },
    phones: { ...unit, ...shares },
  }));
  const wide = formatReport(rows)
    .split('\n')
    .filter((line) => line.length > 80);
  assert.deepEqual(wide, []);
});

test('results are found in zips and folders, and the copy with IPA labels is passed over', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'autophon-accuracy-'));
  try {
    const own = textGridBytes(gridOf({ phones: '', words: 'own@0-200' }), { form: 'long', encoding: 'utf8' });
    const ipa = textGridBytes(gridOf({ phones: '', words: 'ipa@0-200' }), { form: 'long', encoding: 'utf8' });
    const zip = new ZipFile();
    zip.addBuffer(own, 'ARPAbet/a b.TextGrid');
    zip.addBuffer(ipa, 'IPA/a b.TextGrid');
    zip.addBuffer(Buffer.from('{}'), 'manifest.json');
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(path.join(dir, 'task.zip')));
    writeFileSync(path.join(dir, 'c.TextGrid'), own);
    const results = await readResults([dir]);
    assert.deepEqual([...results.keys()].toSorted(), ['a b', 'c']);
    assert.ok(JSON.stringify(results.get('a b')).includes('own'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

for (const { folder, stem, channelCount } of RECORDINGS) {
  test(`the sample ${folder}/${stem} has a reference for every word of its transcript`, () => {
    const transcript = readSampleGrid(path.join(SAMPLES, folder, `${stem}.TextGrid`));
    const reference = readSampleGrid(path.join(SAMPLES, 'reference', folder, `${stem}.TextGrid`));
    const { rateHz, channels } = readWav(path.join(SAMPLES, folder, `${stem}.wav`));
    assert.equal(channels.length, channelCount);
    assert.equal((channels[0]?.length ?? 0) / rateHz, transcript.endSec);
    assert.equal(reference.endSec, transcript.endSec);
    for (const tier of transcript.tiers) {
      const texts = labels(transcript, tier.name);
      assert.deepEqual(labels(reference, `${tier.name} - trans`), texts);
      assert.deepEqual(labels(reference, `${tier.name} - word`), texts.flatMap(lookUpForms));
    }
  });
}

test('the samples of other formats are made again byte for byte out of the others', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'autophon-formats-'));
  try {
    for (const sample of FORMAT_SAMPLES) {
      await makeFormatSample(sample, dir);
      const { folder, stem, extension } = sample;
      for (const name of [
        `${folder}/${stem}.wav`,
        `${folder}/${stem}.${extension}`,
        `reference/${folder}/${stem}.TextGrid`,
      ])
        assert.ok(readFileSync(path.join(dir, name)).equals(readFileSync(path.join(SAMPLES, name))), name);
      const reference = readSampleGrid(path.join(SAMPLES, 'reference', folder, `${stem}.TextGrid`));
      for (const { name } of reference.tiers.filter((tier) => tier.name.endsWith(' - trans'))) {
        const texts = labels(reference, name);
        assert.deepEqual(labels(reference, name.replace('trans', 'word')), texts.flatMap(lookUpForms));
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('all samples together stay below the size that a clone should have', () => {
  const bytes = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(path.join(SAMPLES, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
  assert.ok(bytes < SIZE_LIMIT_BYTES, `${bytes} bytes`);
});

test('the long sample lasts at least three minutes and is the same each time', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'autophon-long-'));
  try {
    const first = path.join(dir, 'first');
    const second = path.join(dir, 'second');
    assert.ok(makeLongSample(first) >= 180);
    makeLongSample(second);
    for (const name of ['long-reading.wav', 'long-reading.TextGrid']) {
      assert.ok(readFileSync(path.join(first, name)).equals(readFileSync(path.join(second, name))), name);
    }
    const grid = readSampleGrid(path.join(dir, 'reference', 'first', 'long-reading.TextGrid'));
    assert.deepEqual(labels(grid, 'reader - word'), labels(grid, 'reader - trans').flatMap(lookUpForms));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test.run();

interface Units {
  /** Units as `label@startMs-endMs`, separated by blanks. */
  readonly words: string;
  readonly phones: string;
  readonly sentences?: string;
}

/** A TextGrid of one second with the tiers of a result for one speaker. */
function gridOf({ words, phones, sentences = 'all@0-1000' }: Units): TextGrid {
  const tiers = [
    { name: 'anna b - phone', intervals: unitsOf(phones) },
    { name: 'anna b - word', intervals: unitsOf(words) },
    { name: 'anna b - trans', intervals: unitsOf(sentences) },
  ];
  return withGaps(tiers, 1);
}

function unitsOf(units: string): Interval[] {
  return [...units.matchAll(/(\S+)@(\d+)-(\d+)/g)].map(([, text = '', start, end]) => ({
    startSec: Number(start) / 1000,
    endSec: Number(end) / 1000,
    text,
  }));
}

function labels(grid: TextGrid, name: string): string[] {
  const tier = grid.tiers.find((one) => one.name === name);
  return tier?.kind === 'interval'
    ? tier.intervals.map(({ text }) => text).filter((text) => text !== '')
    : [];
}
