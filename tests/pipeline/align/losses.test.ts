import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import type { IntervalTier } from '../../../src/formats/tiers.ts';
import type { Packaged } from '../../../src/pipeline/package/package.ts';
import type { EngineName } from '../../../testing/engine-bench.ts';
import { makeWav, sine } from '../../../testing/wav.ts';
import { readZip } from '../../../testing/zip.ts';
import { suiteWithEngines } from '../../support/engine-suite.ts';
import { flat, shown } from '../../support/finding.ts';

const test = suiteWithEngines('what engines lose');

/** Two words that each engine knows in its language, and enough words that they do not fit into 0.15 s. */
const SPEECHES: readonly (readonly [EngineName, one: string, other: string, squeezed: string])[] = [
  ['MFA1', 'akur', 'gala', 'hjarta hjarta hjarta hjarta'],
  ['MFA2', 'dog', 'water', 'respectable respectable'],
  ['FAVE', 'then', 'read', 'respectable respectable'],
  ['FASE', 'casa', 'carro', 'hermano hermano hermano hermano'],
];

for (const [name, one, other, squeezed] of SPEECHES) {
  test(`${name}: an interval under 0.1 s is not given to it, left empty and named`, async ({ make }) => {
    const bench = await make(name);
    await bench.addTalk('talk', [
      ['ann', [0, 1, one], [1, 1.02, other], [1.5, 2.5, other]],
      ['ben', [1, 1.09, one]],
    ]);
    const packaged = await bench.run();
    assert.deepEqual(placesOf(packaged), [
      ['W_INTERVAL_SHORT', 'talk.TextGrid', 'ann', 2, 1],
      ['W_INTERVAL_SHORT', 'talk.TextGrid', 'ben', 2, 1],
      ['W_TIER_KEPT', 'talk.TextGrid', 'ben', undefined, undefined],
    ]);
    assert.deepEqual(await wordsOf(packaged, 'talk'), [one, other]);
    const [short, , kept] = packaged.warnings;
    assert.match(shown(short), /interval 2 \(1\.00 s\): 0\.020 s long, not aligned; expected at least/);
    assert.match(shown(kept), /"ben": a tier with words in too short intervals only, kept as it is/);
  });

  test(`${name}: a label that reaches a little past the end of the audio is aligned up to that end, with a warning`, async ({
    make,
  }) => {
    const bench = await make(name);
    await bench.addTalk('talk', [['ann', [0, 1, one], [1, 2.98, other], [2.98, 3, one]]]);
    await bench.add('talk.wav', makeWav({ samples: sine(200, 16_000, 2.95) }));
    const packaged = await bench.run();
    assert.deepEqual(placesOf(packaged), [
      ['W_INTERVAL_SHORT', 'talk.TextGrid', 'ann', 3, 2.98],
      ['W_CUT_AT_END', 'talk.TextGrid', 'ann', 2, 1],
    ]);
    assert.deepEqual(await wordsOf(packaged, 'talk'), [one, other]);
  });

  test(`${name}: recordings of one name in two folders come back with their own words`, async ({ make }) => {
    const bench = await make(name);
    await bench.addTalk('day 1/talk', [['ann', [0, 2, `${one} ${other}`]]]);
    await bench.addTalk('day 2/talk', [['ann', [0, 2, other]]]);
    const packaged = await bench.run();
    assert.deepEqual(packaged.warnings, []);
    assert.deepEqual(await wordsOf(packaged, 'day 1/talk'), [one, other]);
    assert.deepEqual(await wordsOf(packaged, 'day 2/talk'), [other]);
  });

  test(`${name}: when nothing of a task comes back, one fault suspects the aligner itself`, async ({
    make,
  }) => {
    const bench = await make(name);
    await bench.addTalk('a', [['ann', [1, 1.15, squeezed]]]);
    await bench.addTalk('b', [['ann', [1, 1.15, squeezed]]]);
    const messages = (await bench.faults()).map(flat).map(({ message }) => message);
    const doubt =
      name === 'MFA2'
        ? /either the acoustic model is broken, or not one/
        : /may be at fault; tell the operator/;
    assert.equal(messages.filter((message) => doubt.test(message)).length, 1, messages.join('\n'));
    await bench.addTalk('b', [['ann', [0, 2, one]]]);
    const [fault, ...more] = await bench.faults();
    assert.deepEqual([fault?.code, fault?.place?.file, more], ['E_NOT_ALIGNED', 'a.wav', []]);
    assert.match(shown(fault), /^a\.wav: \w+ could not align its only interval\. Check that the trans/);
    assert.ok(!/may be at fault/.test(shown(fault)));
  });
}

for (const [name, word, begin] of [
  ['MFA1', 'akur', 'MFA1: '],
  ['FASE', 'casa', 'talk\\.wav: faseAlign: '],
] as const) {
  test(`${name}: a hang is reported as such, with what can be done`, async ({ make }) => {
    const bench = await make(name, { hang: true });
    await bench.addTalk('talk', [['ann', [0, 0.9, word]]]);
    await bench.add('talk.wav', makeWav({ samples: sine(200, 16_000, 1) }));
    const messageAt = async (limits: { timeoutSec: number; silenceSec: number }) =>
      shown((await bench.faults({ limits: { coreCount: 1, ...limits } }))[0]);
    assert.match(
      await messageAt({ timeoutSec: 0.5, silenceSec: 600 }),
      new RegExp(`^${begin}expected to end within .*; cut long intervals .*, or raise TASK_TIMEOUT$`),
    );
    assert.match(
      await messageAt({ timeoutSec: 600, silenceSec: 0.1 }),
      new RegExp(`^${begin}wrote nothing for .*; .* raise ENGINE_SILENCE if it was only slow$`),
    );
  });
}

test('a recording whose intervals are all under 0.1 s is refused for that reason, not for missing words', async ({
  make,
}) => {
  const bench = await make('FAVE');
  await bench.addTalk('talk', [
    ['ann', [1, 1.02, 'then'], [2, 2.05, 'read']],
    ['ben', [1, 1.03, 'read']],
  ]);
  const [fault, ...more] = await bench.faults();
  assert.deepEqual([fault?.code, fault?.place?.file, more], ['E_TRANSCRIPT_NO_WORDS', 'talk.TextGrid', []]);
  assert.match(shown(fault), /at least 0\.1 s, found only shorter ones \(3\); move their boundaries/);
});

test('words that FAVE drops without an error lose their intervals: no interval comes back with fewer words', async ({
  make,
}) => {
  // The token of "then".
  const bench = await make('FAVE', { forget: 'XAAB' });
  await bench.addTalk('talk', [['ann', [0, 1, 'read'], [1, 2, 'read then'], [2, 3, 'then']]]);
  const packaged = await bench.run();
  assert.deepEqual(await wordsOf(packaged, 'talk'), ['read']);
  assert.deepEqual(
    packaged.warnings.map(flat).map(({ code, interval }) => [code, interval]),
    [
      ['W_NOT_ALIGNED', 2],
      ['W_NOT_ALIGNED', 3],
    ],
  );
});

test('MFA1 with a broken model, which exits with 0 and no output, is a failure that names the model', async ({
  make,
}) => {
  const bench = await make('MFA1');
  await bench.addTalk('talk', [['ann', [0, 2, 'akur']]]);
  await writeFile(
    path.join(bench.adminDir, 'iceIS_MFA1_v010/iceIS_MFA1_v010.zip'),
    'PK\x03\x04 dead',
    'latin1',
  );
  const [fault] = await bench.faults();
  assert.equal(fault?.code, 'E_NOT_ALIGNED');
  assert.match(shown(fault), /nothing of this task came back, so MFA1 or its acoustic model may be/);
});

test('the fault of a task of which MFA2 can align nothing has no paths of the working folder', async ({
  make,
}) => {
  const bench = await make('MFA2', { kaldiFails: true });
  await bench.addTalk('talk', [['ann', [0, 2, 'dog']]]);
  const [fault] = await bench.faults();
  assert.match(
    shown(fault),
    /^MFA2 ended with exit status 1 and left no TextGrid: Kaldi failed: .* says what is heard \("ERROR [^/]*final\.mdl"\); the log of the task has its whole output$/,
  );
});

test('audio of 24 bits or of floating point, which ends MFA1 as a whole, never reaches an engine', async ({
  make,
}) => {
  const bench = await make('MFA1');
  const samples = sine(200, 16_000, 3);
  await bench.addTalk('whole', [['ann', [0, 2, 'akur']]]);
  for (const [stem, recipe] of [
    ['float', { samples, bitsPerSample: 32, formatTag: 3 }],
    ['more', { samples, bitsPerSample: 24 }],
  ] as const) {
    await bench.addTalk(stem, [['ann', [0, 2, 'akur']]]);
    await bench.add(`${stem}.wav`, makeWav(recipe));
  }
  assert.deepEqual(
    (await bench.faults()).map(flat).map(({ code, file }) => `${file} ${code}`),
    ['float.wav E_AUDIO_TOOL_MISSING', 'more.wav E_AUDIO_TOOL_MISSING'],
  );
});

test.run();

function placesOf({ warnings }: Packaged): unknown[] {
  return warnings
    .map(flat)
    .map(({ code, file, tier, interval, timeSec }) => [code, file, tier, interval, timeSec]);
}

/** The first tier of a recording. */
async function wordsOf({ zipPath }: Packaged, stem: string): Promise<string[]> {
  const [entry] = [...(await readZip(zipPath))].filter(
    ([name]) => !name.startsWith('IPA/') && name.endsWith(`/${stem}.TextGrid`),
  );
  assert.ok(entry, stem);
  const tier = readTextGrid(entry[1], entry[0]).tiers.find(({ name }) => name === 'ann - word');
  return (tier as IntervalTier).intervals.map(({ text }) => text).filter((text) => text !== '');
}
