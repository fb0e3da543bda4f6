import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'uvu';
import type { Channels } from '../../src/base/channels.ts';
import type { AlignmentRequest } from '../../src/engines/engine.ts';
import { createSphinx } from '../../src/engines/sphinx/sphinx.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { fillGaps, writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { readMonoPcm16AsFloat } from '../../src/formats/wav-pcm.ts';
import { createPipelineBench, type PipelineBench, POLICY, TASK_PATH } from '../../testing/pipeline.ts';
import { createTrivial } from '../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { shown } from '../support/finding.ts';
import { SENTENCES, speechFile } from '../support/speech.ts';

const RATE_HZ = 16_000;
/** The recordings are synthetic speech, with the synthesiser's times. */
const MAX_ERROR_SEC = 0.1;
const SPEECHES = [
  ['ANNA', 'two'],
  ['ben', 'one'],
] as const;

/** Samples of channels of any length, interleaved; shorter channels end with silence. */
function interleaveChannels(channels: readonly ArrayLike<number>[]): Float32Array {
  const frameCount = Math.max(...channels.map(({ length }) => length));
  return Float32Array.from(
    { length: frameCount * channels.length },
    (_, at) => channels[at % channels.length]?.[Math.floor(at / channels.length)] ?? 0,
  );
}

function wavOf(channels: readonly ArrayLike<number>[]): Buffer {
  return makeWav({
    samples: interleaveChannels(channels),
    channelCount: channels.length,
    sampleRateHz: RATE_HZ,
  });
}

test('tiers are aligned with the sound of their channels, whose speakers talk at the same time', async () => {
  await using bench = await createPipelineBench(createSphinx());
  const sounds = await Promise.all(
    SPEECHES.map(([, speech]) => {
      const { audioPath, durationSec } = speechFile(speech);
      return readMonoPcm16AsFloat(audioPath, 0, durationSec);
    }),
  );
  await bench.add('talk.wav', wavOf(sounds));
  const endSec = Math.max(...sounds.map(({ length }) => length)) / RATE_HZ;
  // Not in the order of the channels.
  const tiers = SPEECHES.toReversed().map(([name, speech]) => {
    const said = SENTENCES[speech].map((one) => ({ ...one, text: one.words.join(' ') }));
    return { kind: 'interval' as const, name, startSec: 0, endSec, intervals: fillGaps(said, 0, endSec) };
  });
  await bench.add('talk.TextGrid', writeTextGrid({ startSec: 0, endSec, tiers }));
  const packaged = await bench.run({
    task: { taskId: 'task', userUuid: 'ann', lang: 'engUS_SPHINX_v010', engine: null, taskPath: TASK_PATH },
    policy: { ...POLICY, channels: 'split:Anna,Ben' },
  });
  assert.deepEqual(packaged.warnings, []);
  const entries = await readZip(packaged.zipPath);
  const grid = readTextGrid(entries.get('ARPAbet/talk.TextGrid') ?? '', 'talk.TextGrid');
  for (const [name, speech] of SPEECHES) {
    const tier = grid.tiers.find((one) => one.name === `${name} - word`);
    assert.ok(tier?.kind === 'interval');
    const found = tier.intervals.filter(({ text }) => text !== '');
    const spoken = SENTENCES[speech].flatMap((sentence) => sentence.spoken);
    assert.deepEqual(
      found.map(({ text }) => text),
      spoken.map(({ label }) => label),
    );
    for (const [at, { label, startSec }] of spoken.entries()) {
      const errorSec = Math.abs((found[at]?.startSec ?? 0) - startSec);
      assert.ok(errorSec < MAX_ERROR_SEC, `${name}: "${label}" is ${errorSec} s off`);
    }
  }
  const manifest = JSON.parse(entries.get('manifest.json')?.toString() ?? '');
  assert.deepEqual(
    manifest.files[0].tiers.map((tier: Record<string, unknown>) => [tier['name'], tier['channel']]),
    [
      ['ben', 'Ben'],
      ['ANNA', 'Anna'],
    ],
  );
});

const TONES = [200, 300, 500, 700].map((hz) => sine(hz, RATE_HZ, 2));
const [LEFT = [], RIGHT = []] = TONES;
const SILENT = new Float32Array(2 * RATE_HZ);

interface Given {
  readonly channels?: Channels;
  readonly sound?: readonly ArrayLike<number>[];
  /** Names of tiers that contain "one two", or, with a `-` before them, nothing; or a text without times. */
  readonly tiers: readonly string[] | string;
}

async function give(bench: PipelineBench, { sound = [LEFT, RIGHT], tiers }: Given): Promise<void> {
  await bench.add('talk.wav', wavOf(sound));
  const span = { startSec: 0, endSec: 2 };
  const toTier = (name: string) => ({
    ...{ kind: 'interval' as const, name: name.replace(/^-/, ''), ...span },
    intervals: [{ ...span, text: name.startsWith('-') ? '' : 'one two' }],
  });
  if (typeof tiers === 'string') await bench.add('talk.txt', tiers);
  else await bench.add('talk.TextGrid', writeTextGrid({ ...span, tiers: tiers.map(toTier) }));
}

/** @returns which audio the engine got for each tier of the result, and the warnings */
async function split(given: Given) {
  const requests: AlignmentRequest[] = [];
  const trivial = createTrivial('/nowhere');
  await using bench = await createPipelineBench({
    ...trivial,
    align: (request, context) => {
      requests.push(request);
      return trivial.align(request, context);
    },
  });
  await give(bench, given);
  const { warnings, zipPath } = await bench.run({
    policy: { ...POLICY, channels: given.channels ?? 'split', speakers: 'names' },
  });
  const files = requests.flatMap((request) => request.files);
  const heard = files.flatMap((file) => file.tiers.map((tier) => `${tier.id} ${file.id}`)).sort();
  const zip = await readFile(zipPath);
  const entries = await readZip(zipPath);
  const { tiers } = readTextGrid(entries.get('ARPAbet/talk.TextGrid') ?? '', 'talk');
  const speakers = tiers.flatMap(({ name }) => (name.endsWith(' - word') ? name.slice(0, -7) : []));
  return {
    zip,
    files,
    heard,
    speakers,
    warnings: warnings.map(shown),
    codes: warnings.map(({ code }) => code),
  };
}

test('a tier has the channel of its name: left, l, its number or the given name, in any form', async () => {
  for (const tiers of [
    ['RIGHT', 'left'],
    ['r', ' L '],
    ['Channel 2', 'ch1'],
    ['2', '1'],
  ]) {
    const { heard, codes } = await split({ tiers });
    assert.deepEqual([heard, codes], [['f1t1 f1c2', 'f1t2 f1c1'], []], tiers.join());
  }
  const named = await split({ channels: 'split:Zo\u00eb,left', tiers: ['Left', 'ZOE\u0308'] });
  assert.deepEqual([named.heard, named.codes], [['f1t1 f1c2', 'f1t2 f1c1'], []]);
  const half = await split({ channels: 'split:right', tiers: ['right', 'right (2)'] });
  assert.deepEqual([half.heard, half.codes], [['f1t1 f1c1', 'f1t2 f1c2'], []]);
});

test('tiers of other names are taken in their order, which a warning tells', async () => {
  const { heard, warnings } = await split({ tiers: ['anna', 'ben'] });
  assert.deepEqual(heard, ['f1t1 f1c1', 'f1t2 f1c2']);
  assert.match(
    warnings.join('\n'),
    /^talk\.TextGrid: no channel has the name of these tiers, .*: tier "anna" for "left", tier "ben" for "right"\. If that is wrong, call the tiers "left", "right", or name the channels after the tiers, as in "split:Anna,Ben"$/,
  );
  const half = await split({ tiers: ['ben', 'right', '-notes'], channels: 'split' });
  assert.deepEqual(half.heard, ['f1t1 f1c1', 'f1t2 f1c2']);
  assert.deepEqual(half.codes, ['W_TIER_KEPT', 'W_CHANNEL_GUESSED']);
  const unnamed = await split({ tiers: ['', 'anna'], channels: 'split:Ben,Anna' });
  assert.deepEqual(
    [unnamed.heard, unnamed.speakers],
    [
      ['f1t1 f1c1', 'f1t2 f1c2'],
      ['Ben', 'anna'],
    ],
  );
});

test('tiers that are only called after their channels have the given names in the result; others keep theirs', async () => {
  const channels = 'split:Anna,Ben';
  for (const tiers of [
    ['RIGHT', 'left'],
    ['2', 'ch1'],
  ])
    assert.deepEqual((await split({ channels, tiers })).speakers, ['Ben', 'Anna'], tiers.join());
  assert.deepEqual((await split({ channels, tiers: ['ben', 'left'] })).speakers, ['ben', 'Anna']);
  assert.deepEqual((await split({ channels, tiers: ['Mia', 'Tom'] })).speakers, ['Mia', 'Tom']);
  assert.deepEqual((await split({ channels: 'split:Anna', tiers: ['left', 'right'] })).speakers, [
    'Anna',
    'right',
  ]);
  assert.deepEqual((await split({ channels, sound: [SILENT, RIGHT], tiers: 'one two' })).speakers, ['Ben']);
  assert.deepEqual((await split({ channels: 'split', tiers: ['left', 'right'] })).speakers, [
    'left',
    'right',
  ]);
});

test('a channel without tier, or without sound, is reported, and a tier without name of a channel is not given to silence', async () => {
  const one = await split({ tiers: ['right'] });
  assert.deepEqual(one.heard, ['f1t1 f1c2']);
  assert.deepEqual(one.warnings, [
    'talk.TextGrid: the channel "left" has no tier with words, and is not aligned',
  ]);
  const other = await split({ tiers: ['anna'], sound: [SILENT, RIGHT] });
  assert.deepEqual(other.heard, ['f1t1 f1c2']);
  assert.deepEqual(other.codes, ['W_CHANNEL_GUESSED', 'W_CHANNEL_EMPTY']);
  assert.match(
    other.warnings[1] ?? '',
    /^talk\.wav: the channel "left" is silent and has no tier with words/,
  );
  const both = await split({ tiers: ['left', 'right'], sound: [SILENT, RIGHT] });
  assert.deepEqual(both.heard, ['f1t1 f1c1', 'f1t2 f1c2']);
  assert.deepEqual(both.warnings, [
    'talk.wav: the channel "left" is silent, but tier "left" has words for it; is it the right channel?',
  ]);
});

test('the same input gives the same bytes', async () => {
  const given: Given = { tiers: ['left', 'right'] };
  assert.ok((await split(given)).zip.equals((await split(given)).zip));
});

test('two tiers of one name in the channels of a recording are two speakers, even where names are', async () => {
  const { files } = await split({ tiers: ['anna', 'anna'] });
  const speakers = files.flatMap(({ tiers }) => tiers.map(({ speaker }) => speaker));
  assert.deepEqual(speakers, ['p1', undefined]);
});

test('channels with the same sound are aligned, with a warning that splitting them gains nothing', async () => {
  const softer = LEFT.map((sample) => sample / 2);
  const { heard, warnings } = await split({ tiers: ['left', 'right'], sound: [LEFT, softer] });
  assert.deepEqual(heard, ['f1t1 f1c1', 'f1t2 f1c2']);
  assert.match(
    warnings.join('\n'),
    /^talk\.wav: the channels "left" and "right" hold the same audio, so splitting them gains nothing/,
  );
});

test('a mono recording is aligned as ever, with a warning', async () => {
  const { heard, warnings } = await split({ tiers: ['anna', 'ben', 'cem'], sound: [LEFT] });
  assert.deepEqual(heard, ['f1t1 f1', 'f1t2 f1', 'f1t3 f1']);
  assert.deepEqual(warnings, ['talk.wav: there is one channel only, so nothing is split']);
});

test('more channels than two have numbers, and each may have a tier', async () => {
  const { heard, codes } = await split({ tiers: ['channel 3', 'channel 1', '4', 'anna'], sound: TONES });
  assert.deepEqual(heard, ['f1t1 f1c3', 'f1t2 f1c1', 'f1t3 f1c4', 'f1t4 f1c2']);
  assert.deepEqual(codes, ['W_CHANNEL_GUESSED']);
});

test('a text without times belongs to the only channel with sound, or to channels with the same', async () => {
  const silent = await split({ tiers: 'one two', sound: [SILENT, RIGHT] });
  assert.deepEqual(silent.heard, ['f1t1 f1c2']);
  assert.deepEqual((await split({ tiers: 'one two', sound: [LEFT, LEFT] })).heard, ['f1t1 f1c1']);
});

test('tiers and names that do not fit the channels are refused with the fix', async () => {
  const cases: readonly (readonly [Given, RegExp])[] = [
    [
      { tiers: ['left', 'right', 'notes'] },
      /^talk\.TextGrid: expected at most 2 tiers of speakers, .* found 3: "left", "right", "notes"; keep one tier for each channel, or choose "mix"/,
    ],
    [
      { tiers: 'one two' },
      /^talk\.txt: expected a tier for each channel of talk\.wav \("left", "right"\), .* found one text without times; give/,
    ],
    [
      { tiers: ['a', 'b'], channels: 'split:a,b,c' },
      /^talk\.wav: expected at most 2 names, one for each channel, found 3 \(a, b, c\); remove/,
    ],
  ];
  for (const [given, message] of cases) {
    await using bench = await createPipelineBench();
    await give(bench, given);
    const faults = await bench.faults({ policy: { ...POLICY, channels: given.channels ?? 'split' } });
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['E_CHANNELS_UNCLEAR'],
    );
    assert.match(shown(faults[0]), message);
  }
});

test.run();
