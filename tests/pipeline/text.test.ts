import assert from 'node:assert/strict';
import { test } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import type { Interval } from '../../src/formats/tiers.ts';
import { createPipelineBench, TASK_LIMITS } from '../../testing/pipeline.ts';
import { createTrivial } from '../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { shown } from '../support/finding.ts';

function audioOf(lengthSec: number): Buffer {
  return makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, lengthSec) });
}

/** Aligns a text with a recording. The stand-in gives all words the same length. */
async function align(
  content: string,
  { name = 'talk.txt', lengthSec = 4, engine = createTrivial('/nowhere') } = {},
) {
  await using bench = await createPipelineBench(engine);
  await bench.add('talk.wav', audioOf(lengthSec));
  await bench.add(name, content);
  const packaged = await bench.run();
  const grid = readTextGrid((await readZip(packaged.zipPath)).get('ARPAbet/talk.TextGrid') ?? '', 'talk');
  return { ...packaged, grid, said: (tier: string) => labelled(grid, `speaker - ${tier}`) };
}

function labelled({ tiers }: ReturnType<typeof readTextGrid>, name: string): string[] {
  const intervals = tiers.flatMap((tier): readonly Interval[] =>
    tier.kind === 'interval' && tier.name === name ? tier.intervals : [],
  );
  return intervals
    .filter(({ text }) => text !== '')
    .map(({ startSec, endSec, text }) => `${startSec}-${endSec} ${text}`);
}

test('a text comes back with an interval for each of its lines, where its words are', async () => {
  const { grid, said, warnings, counts, files } = await align('One, two!\n\nThree [laughter]\r\n one.\n');
  assert.deepEqual(
    grid.tiers.map(({ name }) => name),
    ['speaker - phone', 'speaker - word', 'speaker - trans'],
  );
  assert.deepEqual(said('trans'), ['0-2 One, two!', '2-3 Three [laughter]', '3-4 one.']);
  assert.deepEqual(said('word'), ['0-1 One', '1-2 two', '2-3 Three', '3-4 one']);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_MARKERS'],
  );
  assert.match(shown(warnings[0]), /^talk\.txt line 3: markers from here on: \[laughter\] left out/);
  assert.deepEqual([counts.tierCount, counts.wordCount], [1, 4]);
  assert.deepEqual(files[1]?.original_name, 'talk.txt');
});

test('a .lab of MFA and one with HTK labels come back as what they are', async () => {
  assert.deepEqual((await align('one two', { name: 'talk.lab' })).said('trans'), ['0-4 one two']);
  const labels = '0 10000000 one\n10000000 20000000 !EXIT\n20000000 40000000 two three\n';
  const { said } = await align(labels, { name: 'talk.lab' });
  assert.deepEqual(said('trans'), ['0-1 one', '1-2 !EXIT', '2-4 two three']);
  assert.deepEqual(said('word'), ['0-1 one', '2-3 two', '3-4 three']);
});

test('a line without words that were found stands between its neighbours, or with one of them', async () => {
  // The second and third line have no words. The words around them leave no gap.
  assert.deepEqual((await align('one\n[noise]\n---\ntwo')).said('trans'), [
    '0-2 one\n[noise]\n---',
    '2-4 two',
  ]);
  assert.deepEqual((await align('[noise]\none\ntwo\n---')).said('trans'), [
    '0-2 [noise]\none',
    '2-4 two\n---',
  ]);
  const engine = createTrivial('/nowhere');
  const gaps: typeof engine = {
    ...engine,
    align: async (...given) => {
      const tiers = await engine.align(...given);
      // Leaves out all words but the first and the last, and reports their places.
      return tiers.map((tier) => ({
        ...tier,
        words: tier.words.map((word, at) => ({ ...word, at })).filter(({ label }) => label !== 'two'),
      }));
    },
  };
  const { said, warnings } = await align('one\ntwo\n[noise]\ntwo two\nthree', { engine: gaps, lengthSec: 5 });
  assert.deepEqual(said('trans'), ['0-1 one', '1-4 two\n[noise]\ntwo two', '4-5 three']);
  const missed = warnings.filter(({ code }) => code === 'W_NOT_SAID' || code === 'W_NOT_ALIGNED');
  assert.match(shown(missed[0]), /^talk\.txt line 2 \(1\.00 to 4\.00 s\): not .*3 words of the text/);
});

test('what an engine has doubts about is reported with its line and times, not as the whole text', async () => {
  const engine = createTrivial('/nowhere');
  const doubting: typeof engine = {
    ...engine,
    align: async (...given) => {
      const doubts = [
        { startSec: 1, endSec: 2, reason: 'noise' },
        { startSec: 3, endSec: 4, reason: 'noise' },
      ];
      return (await engine.align(...given)).map((tier) => ({ ...tier, doubts }));
    },
  };
  const { warnings } = await align('one two\n\nthree one', { engine: doubting });
  assert.deepEqual(
    warnings.map((one) => `${one.code} ${shown(one).split(':')[0]}`),
    ['W_DOUBTFUL talk.txt line 1 (1.00 to 2.00 s)', 'W_DOUBTFUL talk.txt line 3 (3.00 to 4.00 s)'],
  );
});

test('unknown words are reported with their line in the text', async () => {
  const { warnings } = await align('one two three one\n\ntwo zorblax\n');
  const [unknown] = warnings.filter(({ code }) => code === 'W_WORD_UNKNOWN');
  assert.match(shown(unknown), /^talk\.txt line 3: "zorblax" is not in the dictionary/);
  assert.deepEqual(unknown?.place, { file: 'talk.txt', line: 3 });
});

test('numbers and abbreviations are reported once of each kind, with their places', async () => {
  const { warnings, said } = await align('one two 1998 EU\n1998 two one\n3rd three\n4 one\n20% one', {
    lengthSec: 12,
  });
  assert.deepEqual(
    warnings.filter(({ code }) => code === 'W_SHORT_FORM').map((one) => shown(one)),
    [
      'talk.txt line 1: numbers that are in no dictionary: 1998 (2 times), 3rd, 4, 20%; also at talk.txt line 2, ' +
        'talk.txt line 3 and 2 more places. Write them in words, as they are spoken.',
      'talk.txt line 1: abbreviations that are in no dictionary: EU. Write them in words, as they are spoken.',
    ],
  );
  assert.match(said('trans').join(' '), /20% one/);
});

test('a text without words is reported, and does not hide what is wrong with the recording', async () => {
  await using bench = await createPipelineBench();
  await bench.add('talk.wav', '');
  await bench.add('talk.txt', ' \n');
  assert.deepEqual(
    (await bench.faults()).map(({ code }) => code),
    ['E_AUDIO_EMPTY', 'E_TRANSCRIPT_NO_WORDS'],
  );
  await bench.add('talk.wav', audioOf(1));
  await bench.add('talk.txt', '[noise]\n...');
  assert.deepEqual(
    (await bench.faults()).map(({ code }) => code),
    ['E_TRANSCRIPT_NO_WORDS'],
  );
});

test('the text of a long recording may be longer than a label, but not longer than a speaker can speak in that time', async () => {
  await using bench = await createPipelineBench();
  await bench.add('talk.wav', audioOf(61));
  const taskLimits = { ...TASK_LIMITS, labelChars: 10 };
  await bench.add('talk.txt', 'one two\nthree one two');
  assert.match(
    shown((await bench.faults({ taskLimits }))[0]),
    /a label of 21 characters; expected at most 20, which is 10 for each minute \(MAX_LABEL_LENGTH\)/,
  );
  await bench.add('talk.txt', 'one two\nthree one tw');
  assert.equal((await bench.run({ taskLimits: { ...taskLimits, intervalCount: 2 } })).counts.wordCount, 5);
  const [many] = await bench.faults({ taskLimits: { ...taskLimits, intervalCount: 1 } });
  assert.match(shown(many), /2 intervals; expected at most 1/);
});

test.run();
