import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { PackagedRecording, PackageFacts } from '../../../src/pipeline/package/manifest.ts';
import { makeReadme } from '../../../src/pipeline/package/readme.ts';
import { POLICY } from '../../../testing/pipeline.ts';

function recording(name: string, output: string, aligned: number): PackagedRecording {
  const input = { originalName: `${name}.wav`, sha256: '', bytes: 1 };
  const wav = { durationSec: 1, sampleRateHz: 16_000, channelCount: 1 };
  const tier = { name: 'ann', intervals: 2, intervalsAligned: aligned, words: 4, wordsAligned: 2 * aligned };
  return {
    recording: { name, audio: input, transcript: input, wav },
    entryName: output,
    outputs: [],
    tiers: [tier],
  };
}

function readme(
  recordings: readonly PackagedRecording[],
  texts: readonly string[] = [],
  cut: PackageFacts['cut'] = null,
): string[] {
  const facts: PackageFacts = {
    prepared: {
      language: { code: 'engUS_X_v010', displayName: 'English', alphabet: 'ARPAbet' },
      engine: { name: 'X' },
      counts: { wordCount: 4, missingWordCount: 0, audioSec: 2 },
    },
    recordings,
    outputs: [],
    warnings: texts.map((text) => ({ code: 'W_NOT_ALIGNED', text })),
    policy: POLICY,
    cut,
    engineVersion: null,
  };
  return makeReadme(facts).split('\n');
}

/** The lines below the heading of the files. */
function fileLines(lines: readonly string[]): string[] {
  const start = lines.indexOf('Files') + 2;
  return lines.slice(start, lines.indexOf('', start));
}

test('each file has a line with how it came out', () => {
  const lines = readme([
    recording('a', 'a', 2),
    recording('day 1/bb', 'day 1/bb', 1),
    recording('c', 'c', 0),
  ]);
  assert.deepEqual(fileLines(lines), [
    'a          complete',
    'day 1/bb   PARTIAL: some intervals or words could not be aligned, see the warnings',
    'c          EMPTY: nothing could be aligned, see the warnings',
  ]);
});

test('what the parts of the zip are for lines up', () => {
  const lines = readme([recording('a', 'a', 2)]);
  const start = lines.indexOf('What is in here') + 2;
  const columns = lines
    .slice(start, lines.indexOf('', start))
    .map((line) => /^\S+ {3,}/.exec(line)?.[0].length);
  assert.ok(columns.length > 2);
  assert.equal(new Set(columns).size, 1, lines.join('\n'));
});

test('the number of intervals that another engine cut is reported only if there are some', () => {
  const cutLines = (cut: PackageFacts['cut']) =>
    readme([recording('a', 'a', 2)], [], cut).filter((line) => line.startsWith('Cut:'));
  assert.deepEqual(cutLines(null), []);
  assert.deepEqual(cutLines({ engine: 'Y', version: '2', intervals: 3 }), [
    'Cut:       3 intervals, for the aligner alone, where Y 2 found pauses; they are whole in the result',
  ]);
  assert.match(
    cutLines({ engine: 'Y', version: null, intervals: 1 })[0] ?? '',
    / 1 interval, .* where Y found/,
  );
});

test('a file with another name in the zip is listed with both names', () => {
  const lines = readme([recording('A', 'A', 2), recording('a', 'a_2', 2)]);
  assert.deepEqual(fileLines(lines), ['A   complete', 'a   complete; here called a_2']);
});

test('no name can fake a line, reverse text or widen the table', () => {
  const lines = readme(
    [
      recording('x\ny   complete', 'x_y', 0),
      recording('\u202egnp', '_gnp', 2),
      recording('ä'.repeat(120), 'ä', 2),
    ],
    ['x\ny: not aligned'],
  );
  assert.deepEqual(fileLines(lines).slice(0, 2), [
    `${'x\\ny   complete'.padEnd(40)}   EMPTY: nothing could be aligned, see the warnings; here called x_y`,
    `${'\\u{202e}gnp'.padEnd(40)}   complete; here called _gnp`,
  ]);
  assert.ok(lines.includes('W_NOT_ALIGNED: x\\ny: not aligned'));
});

test.run();
