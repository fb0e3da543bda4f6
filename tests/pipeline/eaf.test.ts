import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { parseResultFormats } from '../../src/base/result-kinds.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import type { Tier } from '../../src/formats/tiers.ts';
import { createPipelineBench, type PipelineBench, POLICY, TASK_PATH } from '../../testing/pipeline.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { readEaf, tiersOf } from '../formats/eaf/read-eaf.ts';
import { assertSchema } from '../formats/eaf/schema.ts';
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

test('times that overlap within a tier are reported as ELAN shows them', async ({ bench }) => {
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

test('tiers of an earlier alignment below their speaker are made again', async ({ bench }) => {
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

test("a user's EAF comes back whole, with what was found", async ({ bench }) => {
  const original = makeEaf({
    media: '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/talk.wav" MIME_TYPE="audio/x-wav" TIME_ORIGIN="500"/>',
    times: [0, 1000],
    tiers: [
      eafTier('anna', [aligned('a1', 1, 2, 'one two')]),
      eafTier('Deutsch', [referring('b1', 'a1', 'eins zwei')], 'PARENT_REF="anna"'),
    ],
  });
  await bench.add('talk.eaf', original);
  const policy = { ...POLICY, formats: parseResultFormats('eaf') };
  const first = await readZip((await bench.run({ policy })).zipPath);
  const entries = await readZip((await bench.run({ policy })).zipPath);
  assert.deepEqual(
    [...entries.keys()].filter((name) => name.endsWith('.eaf')),
    ['ARPAbet/talk.eaf', 'IPA/talk.eaf'],
  );
  const text = entries.get('ARPAbet/talk.eaf') ?? '';
  assertSchema(text);
  assert.equal(first.get('ARPAbet/talk.eaf'), text);
  assert.deepEqual(tiersOf(readEaf(text)), {
    anna: ['0.5 1.5 one two'],
    '*anna - word': ['0.5 1 one', '1 1.5 two'],
    '*anna - phone': ['0.5 0.667 W', '0.667 0.833 AH', '0.833 1 N', '1 1.25 T', '1.25 1.5 UW'],
    '*Deutsch': ['0.5 1.5 eins zwei'],
  });
  // The result is used as input again, with the same findings.
  await bench.add('talk.eaf', text);
  const again = await readZip((await bench.run({ policy })).zipPath);
  assert.deepEqual(tiersOf(readEaf(again.get('ARPAbet/talk.eaf') ?? ''))['*anna - word (2)'], [
    '0.5 1 one',
    '1 1.5 two',
  ]);
});

test('other transcripts make a new EAF', async ({ bench }) => {
  await bench.add(
    'talk.TextGrid',
    '"ooTextFile"\n"TextGrid"\n0 3 <exists> 1 "IntervalTier" "anna" 0 3 1 0.5 1.5 "one"',
  );
  const { zipPath } = await bench.run({ policy: { ...POLICY, formats: parseResultFormats('eaf,csv') } });
  const text = (await readZip(zipPath)).get('ARPAbet/talk.eaf') ?? '';
  assertSchema(text);
  assert.deepEqual(Object.keys(tiersOf(readEaf(text))), ['anna - trans', '*anna - word', '*anna - phone']);
  await unlink(path.join(bench.uploadsDir, TASK_PATH, 'talk.TextGrid'));
  await bench.add('talk.eaf', text);
  const again = await readZip((await bench.run()).zipPath);
  const { tiers } = readTextGrid(again.get('ARPAbet/talk.TextGrid') ?? '', 'talk');
  assert.deepEqual(
    tiers.map(({ name }) => name),
    ['anna - phone', 'anna - word', 'anna - trans'],
  );
});

test('a transcript that is another when the result is written is no original', async ({ bench }) => {
  const eaf = makeEaf({ times: [0, 1000], tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one')])] });
  await bench.add('talk.eaf', eaf);
  const faults = await bench.faults({
    policy: { ...POLICY, formats: parseResultFormats('eaf') },
    report: ({ stage }) => {
      if (stage === 'package')
        writeFileSync(path.join(bench.uploadsDir, TASK_PATH, 'talk.eaf'), eaf.replace('one', 'two'));
    },
  });
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['E_IO'],
  );
  assert.match(shown(faults[0]), /^talk\.eaf: expected the transcript as it was when the task began/);
});

test.run();
