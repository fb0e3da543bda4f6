import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { atOnce } from '../../../src/base/pieces.ts';
import type { TextGrid } from '../../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { fillGaps, writeTextGrid } from '../../../src/formats/textgrid/write.ts';
import type { Interval, IntervalTier, Tier } from '../../../src/formats/tiers.ts';
import { sortTiers } from '../../../src/pipeline/prepare/earlier-alignment.ts';
import { createPipelineBench, type PipelineBench } from '../../../testing/pipeline.ts';
import { makeWav, sine } from '../../../testing/wav.ts';
import { readZip } from '../../../testing/zip.ts';
import { shown } from '../../support/finding.ts';

const test = suite<{ bench: PipelineBench }>('transcripts that were aligned before');
const AUDIO = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 2) });

test.before.each(async (context) => {
  context.bench = await createPipelineBench();
  await context.bench.add('talk.wav', AUDIO);
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

type Labels = readonly (readonly [startSec: number, endSec: number, text: string])[];
function tier(name: string, labels: Labels): IntervalTier {
  const intervals = labels.map(([startSec, endSec, text]) => ({ startSec, endSec, text }));
  return { kind: 'interval', name, startSec: 0, endSec: 2, intervals: fillGaps(intervals, 0, 2) };
}
/** Labels of equal length, from a time on. */
function row(startSec: number, stepSec: number, text: string): Labels {
  return text
    .split(' ')
    .map((label, n) => [startSec + n * stepSec, startSec + (n + 1) * stepSec, label] as const);
}

async function align(bench: PipelineBench, ...tiers: Tier[]) {
  await bench.add('talk.TextGrid', writeTextGrid({ startSec: 0, endSec: 2, tiers }));
  return again(bench);
}
async function again(bench: PipelineBench) {
  const { zipPath, warnings } = await bench.run();
  const text = (await readZip(zipPath)).get('ARPAbet/talk.TextGrid') ?? '';
  const grid = readTextGrid(text, 'talk');
  return { text, grid, names: grid.tiers.map(({ name }) => name), warnings };
}
function labels(grid: TextGrid, name: string): string[] {
  const found = grid.tiers.find((one) => one.name === name);
  return found?.kind === 'interval'
    ? found.intervals.map(({ text }) => text).filter((text) => text !== '')
    : [];
}

const PHONES = row(0.5, 0.1, 'W AH N T UW TH R IY');
const WORDS: Labels = [
  [0.5, 0.8, 'one'],
  [0.8, 1, 'two'],
  [1, 1.3, 'three'],
];
const codes = (warnings: readonly { code: string }[]) => warnings.map(({ code }) => code);

test("utterances of LaBB-CAT's TextGrids are aligned, its words and segments kept", async ({ bench }) => {
  const { names, grid, warnings } = await align(
    bench,
    tier('utterance - ann', [[0.5, 1.5, 'One,  two! three']]),
    tier('word - ann', WORDS),
    tier('segment - ann', PHONES),
  );
  assert.deepEqual(names, ['ann - phone', 'ann - word', 'ann - trans', 'word - ann', 'segment - ann']);
  assert.deepEqual(labels(grid, 'ann - trans'), ['One,  two! three']);
  assert.deepEqual(codes(warnings), ['W_ALIGNED_BEFORE', 'W_TIER_KEPT']);
});

test('our own result comes back as it was when it is submitted again', async ({ bench }) => {
  const first = await align(
    bench,
    tier('ann', [[0.5, 1.5, 'One,  two!']]),
    tier('ben', [[1.2, 1.9, 'three']]),
  );
  await bench.add('talk.TextGrid', first.text);
  const second = await again(bench);
  assert.equal(second.text, first.text);
  assert.deepEqual(codes(second.warnings), ['W_ALIGNED_BEFORE']);
  assert.equal(
    shown(second.warnings[0]),
    'talk.TextGrid: an earlier alignment; aligned again: tiers "ann - trans", "ben - trans"; ' +
      'replaced by the new result: tiers "ann - phone", "ann - word", "ben - phone", "ben - word"',
  );
});

test('without the original text, our words are joined and aligned again', async ({ bench }) => {
  const { grid, names } = await align(bench, tier('ann - phone', PHONES), tier('ann - word', WORDS));
  assert.deepEqual(names, ['ann - phone', 'ann - word', 'ann - trans']);
  assert.deepEqual(labels(grid, 'ann - trans'), ['one two three']);
});

test("MFA's words are aligned again, and its phones are kept, with one warning each", async ({ bench }) => {
  const words: Labels = [...WORDS, [1.3, 1.35, 'sp'], [1.35, 1.4, 'two'], [1.8, 2, 'one']];
  const { grid, names, warnings } = await align(bench, tier('words', words), tier('phones', PHONES));
  assert.deepEqual(names, ['words - phone', 'words - word', 'words - trans', 'phones']);
  assert.deepEqual(labels(grid, 'words - trans'), ['one two three two', 'one']);
  assert.deepEqual(
    labels(grid, 'phones'),
    PHONES.map(([, , text]) => text),
  );
  assert.deepEqual(codes(warnings), ['W_ALIGNED_BEFORE', 'W_TIER_KEPT']);
});

test("tiers of MFA's speakers get the names of the speakers", async ({ bench }) => {
  const { names, warnings } = await align(
    bench,
    tier('ann - words', WORDS),
    tier('ann - phones', PHONES),
    tier('ben : words', [[1.5, 2, 'two']]),
    tier('ben : phones', row(1.5, 0.2, 'T UW')),
  );
  assert.deepEqual(names, [
    ...['ann - phone', 'ann - word', 'ann - trans', 'ann - phones'],
    ...['ben - phone', 'ben - word', 'ben - trans', 'ben : phones'],
  ]);
  assert.deepEqual(codes(warnings), ['W_ALIGNED_BEFORE', 'W_TIER_KEPT']);
});

test('a transcription is aligned, not the earlier alignment beside it', async ({ bench }) => {
  const text: Labels = [[0.4, 1.5, 'One, two: three!']];
  const ours = await align(bench, tier('ann', text), tier('ann - phone', PHONES), tier('ann - word', WORDS));
  assert.deepEqual(ours.names, ['ann - phone', 'ann - word', 'ann - trans']);
  assert.deepEqual(labels(ours.grid, 'ann - trans'), ['One, two: three!']);
  const mfas = await align(bench, tier('utterance', text), tier('words', WORDS), tier('phones', PHONES));
  assert.deepEqual(mfas.names, [
    'utterance - phone',
    'utterance - word',
    'utterance - trans',
    'words',
    'phones',
  ]);
  assert.deepEqual(codes(mfas.warnings), ['W_TIER_KEPT']);
  const ofSpeaker = await align(
    bench,
    tier('ann utterances', text),
    tier('ann - words', WORDS),
    tier('ann - phones', PHONES),
  );
  assert.deepEqual(ofSpeaker.names.slice(2), ['ann utterances - trans', 'ann - words', 'ann - phones']);
});

test('phones are known by their labels, whatever the name of their tier', async ({ bench }) => {
  const ann = tier('ann', [[0.5, 1.5, 'one two three']]);
  for (const text of ['W AH1 N T UW1 TH R IY0', 'w ʌ n t uː θ ɹ iː', 'sil w ʌ n̥ \\tS \\ef \\ng spn']) {
    const { names, warnings } = await align(bench, ann, tier('x', row(0.5, 0.1, text)));
    assert.deepEqual(names, ['ann - phone', 'ann - word', 'ann - trans', 'x'], text);
    assert.deepEqual(codes(warnings), ['W_TIER_KEPT']);
  }
});

test('phones are known beside words, in small letters too, or when only the vowels are labelled', async ({
  bench,
}) => {
  const ann = tier('ann', [[0.5, 1.5, 'one two three']]);
  const vowels = (text: string): Labels =>
    text.split(' ').map((label, n) => [0.1 + n * 0.3, 0.25 + n * 0.3, label] as const);
  for (const phones of [
    row(0.5, 0.1, 'w ah n t uw th r iy'),
    vowels('AH1 UW1 IY1 ER0 AH1'),
    vowels('AE UW IY UH IH'),
  ]) {
    const { names, warnings } = await align(bench, ann, tier('x', phones));
    assert.deepEqual(names, ['ann - phone', 'ann - word', 'ann - trans', 'x'], JSON.stringify(phones));
    assert.deepEqual(codes(warnings), ['W_TIER_KEPT']);
  }
});

test('short answers such as "m" are speech, although each could be a phone', async ({ bench }) => {
  const ann = tier('ann', [[0, 2, 'one two three '.repeat(10)]]);
  for (const text of ['uh er m uh er m uh', 'UH M ER AH M UH', 'uh sp m sil er sp ah', 'a m eh n sh ow hh']) {
    const { names, warnings } = await align(bench, ann, tier('listener', row(0.2, 0.2, text)));
    assert.ok(names.includes('listener - trans'), text);
    assert.ok(!codes(warnings).includes('W_TIER_KEPT'), text);
  }
});

test('tiers with only the names or only the short labels of phones are speakers', async ({ bench }) => {
  const sentence: Labels = [[0.5, 1.5, 'one two three']];
  const short = row(0, 0.2, 'one two été más one two été más one two');
  const { names, warnings } = await align(
    bench,
    tier('words', sentence),
    tier('Swords - telephone', sentence),
    tier('ann - phone', sentence),
    tier('ann - word', WORDS),
    tier('x', short),
  );
  assert.deepEqual(
    names.filter((name) => name.endsWith(' - trans')),
    ['words', 'Swords - telephone', 'ann - phone', 'ann - word', 'x'].map((name) => `${name} - trans`),
  );
  assert.deepEqual([...new Set(codes(warnings))], ['W_WORD_UNKNOWN']);
});

test('thousands of earlier alignments beside long tiers are read in steps that grow like their words', () => {
  const counted = { looks: 0, texts: 0 };
  const length = 4096;
  const long = Array.from(
    { length },
    (_, n): Interval => ({
      startSec: n,
      get endSec() {
        counted.looks += 1;
        return n + 1;
      },
      get text() {
        counted.texts += 1;
        return 'nothing of that';
      },
    }),
  );
  const ofGrid = (name: string, intervals: readonly Interval[]): IntervalTier => ({
    kind: 'interval',
    name,
    startSec: 0,
    endSec: length,
    intervals,
  });
  const pairCount = 1000;
  const at = (text: string): Interval[] => [{ startSec: length - 1, endSec: length, text }];
  const tiers = [
    ...Array.from({ length: 20 }, (_, n) => ofGrid(`long ${n}`, long)),
    ...Array.from({ length: pairCount }, (_, n) => [
      ofGrid(`s${n} - phone`, at('W')),
      ofGrid(`s${n} - word`, at('one')),
    ]).flat(),
  ];
  const rules = {
    phones: { isPhone: () => true, isPause: () => false, isPhoneOnly: () => true },
    isSilence: () => false,
  };
  const { warnings } = atOnce(sortTiers({ startSec: 0, endSec: length, tiers }, 'talk.TextGrid', rules));
  assert.deepEqual(codes(warnings), ['W_ALIGNED_BEFORE']);
  // Once to find a word, and a few times for each tier as a whole.
  const eachTier = 5 * 20 * length;
  assert.ok(counted.looks <= eachTier + 20 * pairCount * (Math.log2(length) + 1), `${counted.looks} looks`);
  assert.ok(counted.texts <= eachTier, `${counted.texts} texts`);
});

test('a text beside that of the speaker, such as a translation, is not an earlier alignment', async ({
  bench,
}) => {
  const sentence: Labels = [[0.5, 1.5, 'one two three']];
  const { names, warnings } = await align(bench, tier('ann', sentence), tier('ann - trans', sentence));
  assert.ok(names.includes('ann - trans - trans'));
  assert.ok(!codes(warnings).includes('W_ALIGNED_BEFORE'));
});

test('a transcript with only phones is reported as such', async ({ bench }) => {
  await bench.add(
    'talk.TextGrid',
    writeTextGrid({ startSec: 0, endSec: 2, tiers: [tier('phones', PHONES)] }),
  );
  const [fault] = await bench.faults();
  assert.equal(fault?.code, 'E_TRANSCRIPT_NO_WORDS');
  assert.match(shown(fault), /found 1 with phones, or with what depends on other tiers$/);
});

test('overlapping words are reported, not joined', async ({ bench }) => {
  const grid =
    '"ooTextFile"\n"TextGrid"\n0 2 <exists> 2 "IntervalTier" "words" 0 2 2 0 1 "one" 0.5 2 "two" ' +
    '"IntervalTier" "phones" 0 2 1 0 2 "W"';
  await bench.add('talk.TextGrid', grid);
  assert.deepEqual(codes(await bench.faults()), ['E_TRANSCRIPT_OVERLAP']);
});

test('tiers that are kept are cut at the end of the audio, and refused when their times are impossible', async ({
  bench,
}) => {
  const grid = (times: string) =>
    `"ooTextFile"\n"TextGrid"\n0 3 <exists> 2 "IntervalTier" "ann" 0 3 1 0 2 "one" "IntervalTier" "phones" 0 3 2 ${times}`;
  await bench.add('talk.TextGrid', grid('0 1 "W" 1 3 "AH"'));
  const { warnings } = await again(bench);
  assert.deepEqual(codes(warnings), ['W_TIER_KEPT', 'W_CUT_AT_END']);
  await bench.add('talk.TextGrid', grid('0 1.5 "W" 1 2 "AH"'));
  assert.deepEqual(codes(await bench.faults()), ['E_TRANSCRIPT_OVERLAP']);
});

test('many intervals that are too short have few warnings', async ({ bench }) => {
  const { warnings } = await align(
    bench,
    tier('ann', [...row(0, 0.05, 'one two '.repeat(15).trim()), [1.6, 2, 'one']]),
  );
  assert.equal(warnings.length, 11);
  assert.match(
    shown(warnings.at(-1)),
    /^talk\.TextGrid tier "ann": and 20 more of its \d+ intervals are under/,
  );
});

test.run();
