import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import type { Tier } from '../../src/formats/tiers.ts';
import { createPipelineBench, type PipelineBench } from '../../testing/pipeline.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { aligned, eafTier, makeEaf, referring } from '../support/eaf.ts';
import { shown } from '../support/finding.ts';

const test = suite<{ bench: PipelineBench }>('EAF through all stages');
const SOUND = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 3) });

test.before.each(async (context) => {
  context.bench = await createPipelineBench();
  await context.bench.add('talk.wav', SOUND);
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

const labels = (tiers: readonly Tier[], name: string) =>
  tiers.flatMap((tier) =>
    tier.kind === 'interval' && tier.name === name
      ? tier.intervals
          .filter(({ text }) => text !== '')
          .map(({ startSec, endSec, text }) => `${startSec} ${endSec} ${text}`)
      : [],
  );

test('speakers are aligned once, and what depends on them is in the result as it was', async ({ bench }) => {
  const eaf = makeEaf({
    media: '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/talk.wav" MIME_TYPE="audio/x-wav" TIME_ORIGIN="500"/>',
    times: [0, 1000, 1500, 2500],
    tiers: [
      eafTier('anna', [aligned('a1', 1, 2, 'one\n two')]),
      eafTier('anna auf Deutsch', [referring('b1', 'a1', 'eins zwei')], 'PARENT_REF="anna"'),
      eafTier('bert', [aligned('a2', 3, 4, 'three')]),
    ],
  });
  await bench.add('talk.EAF', eaf);
  const { zipPath, warnings } = await bench.run();
  const { tiers } = readTextGrid((await readZip(zipPath)).get('ARPAbet/talk.TextGrid') ?? '', 'talk');
  assert.deepEqual(
    tiers.map(({ name }) => name),
    [
      'anna - phone',
      'anna - word',
      'anna - trans',
      'anna auf Deutsch',
      'bert - phone',
      'bert - word',
      'bert - trans',
    ],
  );
  assert.deepEqual(labels(tiers, 'anna - word'), ['0.5 1 one', '1 1.5 two']);
  assert.deepEqual(labels(tiers, 'anna - trans'), ['0.5 1.5 one\n two']);
  assert.deepEqual(labels(tiers, 'anna auf Deutsch'), ['0.5 1.5 eins zwei']);
  assert.deepEqual(labels(tiers, 'bert - word'), ['2 3 three']);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_TIER_KEPT'],
  );
});

test('times that overlap within a tier are told as ELAN shows them', async ({ bench }) => {
  const eaf = makeEaf({
    times: [0, 1000, 500, 1500],
    tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one'), aligned('a2', 3, 4, 'two')])],
  });
  await bench.add('talk.eaf', eaf);
  const [fault] = await bench.faults();
  assert.equal(fault?.code, 'E_TRANSCRIPT_OVERLAP');
  assert.match(
    shown(fault),
    /^talk\.eaf tier "anna" interval 2 \(0\.50 s\): expected it to start at or after/,
  );
});

test('tiers of an earlier alignment below their speaker are made anew', async ({ bench }) => {
  const eaf = makeEaf({
    times: [0, 1000],
    tiers: [
      eafTier('anna', [aligned('a1', 1, 2, 'one')]),
      eafTier('anna - word', [aligned('a2', 1, 2, 'one')], 'PARENT_REF="anna"'),
      eafTier('anna - phone', [aligned('a3', 1, 2, 'W')], 'PARENT_REF="anna - word"'),
      eafTier('notes', [referring('a4', 'a1', 'quiet')], 'PARENT_REF="anna"'),
    ],
  });
  await bench.add('talk.eaf', eaf);
  const { zipPath, warnings } = await bench.run();
  const { tiers } = readTextGrid((await readZip(zipPath)).get('ARPAbet/talk.TextGrid') ?? '', 'talk');
  assert.deepEqual(
    tiers.map(({ name }) => name),
    ['anna - phone', 'anna - word', 'anna - trans', 'notes'],
  );
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_TIER_KEPT', 'W_ALIGNED_BEFORE'],
  );
});

test('an EAF of numbers only says which tiers it has besides', async ({ bench }) => {
  const eaf = makeEaf({
    times: [0, 1000],
    tiers: [
      eafTier('anna', [aligned('a1', 1, 2, '')]),
      eafTier('notes', [referring('a2', 'a1', '')], 'PARENT_REF="anna"'),
    ],
  });
  await bench.add('talk.eaf', eaf);
  const [fault] = await bench.faults();
  assert.equal(fault?.code, 'E_TRANSCRIPT_NO_WORDS');
  assert.match(shown(fault), /found 1 with phones, or with what depends on other tiers$/);
});

test.run();
