import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import type { Tier } from '../../src/formats/tiers.ts';
import { createPipelineBench, type PipelineBench } from '../../testing/pipeline.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { writeBinaryTextGrid } from '../support/binary-textgrid.ts';
import { flat, shown } from '../support/finding.ts';

const test = suite<{ bench: PipelineBench }>('transcripts in what Praat has of its own');
const AUDIO = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 2) });

test.before.each(async (context) => {
  context.bench = await createPipelineBench();
  await context.bench.add('talk.wav', AUDIO);
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

async function align(bench: PipelineBench, transcript: string | Uint8Array) {
  await bench.add('talk.TextGrid', transcript);
  const { zipPath, warnings } = await bench.run();
  const { tiers } = readTextGrid((await readZip(zipPath)).get('ARPAbet/talk.TextGrid') ?? '', 'talk');
  return { tiers, warnings: warnings.map(flat).map(({ code, message }) => `${code} ${message}`) };
}
const labels = (tier: Tier | undefined) =>
  tier?.kind === 'interval' ? tier.intervals.map(({ text }) => text).filter((text) => text !== '') : [];

test('binary and chronological TextGrids are aligned like others', async ({ bench }) => {
  const range = { startSec: 0, endSec: 2 };
  const intervals = [
    { startSec: 0, endSec: 0.5, text: '' },
    { startSec: 0.5, endSec: 1.5, text: 'One, two – three' },
    { startSec: 1.5, endSec: 2, text: '' },
  ];
  const binary = writeBinaryTextGrid({
    ...range,
    tiers: [{ kind: 'interval', name: 'änn', ...range, intervals }],
  });
  const chronological =
    '"Praat chronological TextGrid text file"\n0 2\n1\n"IntervalTier" "änn" 0 2\n! änn:\n1 25% 3/2\n"One, two – three"\n';
  for (const transcript of [binary, chronological]) {
    const { tiers, warnings } = await align(bench, transcript);
    assert.deepEqual(
      tiers.map(({ name }) => name),
      ['änn - phone', 'änn - word', 'änn - trans'],
    );
    assert.deepEqual(labels(tiers[1]), ['One', 'two', 'three']);
    assert.deepEqual(labels(tiers[2]), ['One, two – three']);
    assert.deepEqual(warnings, []);
  }
});

test('a damaged binary TextGrid is refused with its byte', async ({ bench }) => {
  const grid = { startSec: 0, endSec: 2, tiers: [] };
  await bench.add('talk.TextGrid', writeBinaryTextGrid(grid).subarray(0, -2));
  const [fault] = await bench.faults();
  assert.equal(fault?.code, 'E_TEXTGRID_MALFORMED');
  assert.match(shown(fault), /^talk\.TextGrid: expected the number of tiers.* at byte 39;/);
});

test("trigraphs and entities are looked up as Praat and browsers show them, and stay in the user's text", async ({
  bench,
}) => {
  const dictionary = path.join(bench.uploadsDir, 'ann/dic');
  await mkdir(dictionary, { recursive: true });
  await writeFile(
    path.join(dictionary, `${TRIVIAL_LANGUAGE}.dict`),
    'forêts\tF AO R\ngénéral\tF AH N\nöl\tEY L\n',
  );
  const text = 'for\\e^ts g\\e\'n\\e\'ral \\O""l g&eacute;n&#233;ral &amp;&nbsp;one';
  const { tiers, warnings } = await align(
    bench,
    `"ooTextFile"\n"TextGrid"\n0 2 <exists> 1 "IntervalTier" "a" 0 2 1 0 2 "${text}"`,
  );
  assert.deepEqual(labels(tiers[1]), ['forêts', 'général', 'Öl', 'général', 'one']);
  assert.deepEqual(labels(tiers[2]), [text.replace('""', '"')]);
  const [told, ...more] = warnings;
  assert.match(told ?? '', /^W_SHORT_FORM .*signs that may be spoken and are left out: &\./);
  assert.deepEqual(more, []);
});

test('labels that are cut at the end of the audio give one warning for each transcript', async ({
  bench,
}) => {
  const grid = (endSec: number) =>
    `"ooTextFile"\n"TextGrid"\n0 3 <exists> 2 "IntervalTier" "a" 0 3 2 0 ${endSec} "one" ${endSec} 3 "" ` +
    `"IntervalTier" "b" 0 3 2 1 2.0125 "two" 2.0125 2.05 "three"`;
  const { tiers, warnings } = await align(bench, grid(2.0625));
  assert.ok(tiers.every(({ endSec }) => endSec === 2));
  assert.equal(
    warnings.find((one) => one.startsWith('W_CUT_AT_END')),
    'W_CUT_AT_END talk.TextGrid tier "a" interval 1 (0.00 s): the audio ends at 2.000 s, and labels are cut there: ' +
      'this one ended at 2.063 s, tier "b" interval 1 (1.00 s) ended at 2.013 s, tier "b" interval 2 (2.01 s) is left out',
  );
  const rounded = grid(2.0004).replaceAll('2.0125', '1.5').replace('2.05', '1.75');
  assert.deepEqual((await align(bench, rounded)).warnings, []);
});

test.run();
