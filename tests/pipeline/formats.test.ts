import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { suite } from 'uvu';
import { parseResultFormats, RESULT_FORMATS } from '../../src/base/result-kinds.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { fillGaps, writeTextGrid } from '../../src/formats/textgrid/write.ts';
import type { IntervalTier } from '../../src/formats/tiers.ts';
import { createPipelineBench, type PipelineBench, POLICY } from '../../testing/pipeline.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';

const test = suite<{ bench: PipelineBench }>('the formats of a result');
const SOUND = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 2) });
const ALL = RESULT_FORMATS.join(',');

function tier(name: string, startSec: number, endSec: number, text: string): IntervalTier {
  const intervals = fillGaps([{ startSec, endSec, text }], 0, 2);
  return { kind: 'interval', name, startSec: 0, endSec: 2, intervals };
}
const grid = (...tiers: IntervalTier[]) => writeTextGrid({ startSec: 0, endSec: 2, tiers });

test.before.each(async (context) => {
  context.bench = await createPipelineBench();
  for (const name of ['talk', 'day 1/b']) await context.bench.add(`${name}.wav`, SOUND);
  await context.bench.add(
    'talk.TextGrid',
    grid(tier('ann', 0.5, 1.5, 'One two!'), tier('ann', 0, 1, 'three')),
  );
  await context.bench.add('day 1/b.TextGrid', grid(tier('ben', 0.5, 1.5, 'one')));
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

const resultOf = async (bench: PipelineBench, formats: string) => {
  const { zipPath } = await bench.run({ policy: { ...POLICY, formats: parseResultFormats(formats) } });
  return { zipPath, entries: await readZip(zipPath) };
};

test('without a choice there are TextGrids, and one table for all recordings', async ({ bench }) => {
  const entries = await readZip((await bench.run()).zipPath);
  assert.deepEqual(
    [...entries.keys()].filter((name) => !/^(README|manifest)/.test(name)),
    [
      'phones.csv',
      'ARPAbet/day 1/b.TextGrid',
      'IPA/day 1/b.TextGrid',
      'ARPAbet/talk.TextGrid',
      'IPA/talk.TextGrid',
    ],
  );
});

test('the table has what the TextGrids have, also of two tiers of one name', async ({ bench }) => {
  const { entries } = await resultOf(bench, 'csv,textgrid');
  const rows = (entries.get('phones.csv') ?? '').split('\r\n').slice(1, -1);
  const found = rows.map((row) => {
    const [file, speaker, word, number, phone, , begin, end] = row.split(',');
    return [file, speaker, word, phone]
      .map((text) => text?.slice(1, -1))
      .concat(number, begin, end)
      .join(' ');
  });
  const expected = [
    ['day 1/b', [['ben', 0]]],
    [
      'talk',
      [
        ['ann', 0],
        ['ann (2)', 3],
      ],
    ],
  ] as const;
  const phones = expected.flatMap(([name, speakers]) => {
    const { tiers } = readTextGrid(entries.get(`ARPAbet/${name}.TextGrid`) ?? '', name);
    return speakers.flatMap(([speaker, at]) => {
      const [phone, word] = tiers.slice(at, at + 2);
      assert.ok(phone?.kind === 'interval' && word?.kind === 'interval');
      const words = word.intervals.filter(({ text }) => text !== '');
      return phone.intervals
        .filter(({ text }) => text !== '')
        .map(({ startSec, endSec, text }) => {
          const own = words.findIndex((one) => one.startSec <= startSec && endSec <= one.endSec);
          return `${name} ${speaker} ${words[own]?.text} ${text} ${own + 1} ${startSec} ${endSec}`;
        });
    });
  });
  assert.ok(found.length > 6);
  assert.deepEqual(found, phones);
});

test('all formats of a task are read back from the finished zip, and the same order or another gives the same bytes', async ({
  bench,
}) => {
  const first = await resultOf(bench, ALL);
  const second = await resultOf(bench, RESULT_FORMATS.toReversed().join(','));
  assert.ok((await readFile(first.zipPath)).equals(await readFile(second.zipPath)));
  const short = readTextGrid(first.entries.get('short/IPA/talk.TextGrid') ?? '', 'short');
  assert.deepEqual(short, readTextGrid(first.entries.get('IPA/talk.TextGrid') ?? '', 'long'));
});

test('README.txt and manifest.json list the files, say what they are for, and have their checksums', async ({
  bench,
}) => {
  const { entries } = await resultOf(bench, ALL);
  const readme = entries.get('README.txt') ?? '';
  const manifest = JSON.parse(entries.get('manifest.json') ?? '');
  assert.deepEqual(manifest.settings.formats, [...RESULT_FORMATS]);
  for (const { files } of manifest.formats) {
    for (const { place, meaning } of files) {
      const isListed = (line: string) => line.startsWith(`${place}   `) && line.endsWith(`   ${meaning}`);
      assert.ok(readme.split('\n').some(isListed), place);
    }
  }
  const outputs = [
    manifest.outputs,
    ...manifest.files.map((file: { outputs: unknown }) => file.outputs),
  ].flat();
  const sums = outputs.map(({ name, sha256 }) => [name, sha256]);
  const others = ['README.txt', 'manifest.json'];
  assert.deepEqual(
    sums.sort(),
    [...entries]
      .filter(([name]) => !others.includes(name))
      .map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')])
      .sort(),
  );
});

test('a README without TextGrids does not speak of Praat', async ({ bench }) => {
  const { entries } = await resultOf(bench, 'csv');
  assert.deepEqual([...entries.keys()], ['README.txt', 'manifest.json', 'phones.csv']);
  assert.doesNotMatch(entries.get('README.txt') ?? '', /Praat/);
});

test.run();
