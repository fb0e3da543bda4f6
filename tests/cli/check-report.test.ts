import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Fault } from '../../src/base/errors.ts';
import { formatChecked } from '../../src/cli/check-report.ts';
import { Output } from '../../src/cli/output.ts';
import { displayWidth } from '../../src/cli/terminal-text.ts';
import type { Checked } from '../../src/tasks/check.ts';

const STREAM = {
  isTTY: true,
  columns: 80,
  rows: 24,
  hasColors: () => false,
  on: () => STREAM,
  write: () => true,
};
const TERMINAL = new Output({ json: false, stdout: STREAM as never, stderr: STREAM as never });

function fault(file: string): Fault {
  const text =
    'expected it to start at or after the end of the interval before it, which is at 1.29 s; move the boundary';
  return { code: 'E_TRANSCRIPT_OVERLAP', place: { file, tier: 'anna', interval: 3, timeSec: 1.09 }, text };
}

function checked(changes: Partial<Checked>): Checked {
  const words = { missing: [], guessed: [], faults: [], warnings: [], refused: new Set<string>() };
  const counts = {
    recordingCount: 40,
    readyCount: 12,
    tierCount: 40,
    wordCount: 900,
    missingWordCount: 0,
    audioSec: 3600,
    speechSec: 3000,
    longSec: 0,
    inputBytes: 1,
    audio: [
      { sampleRateHz: 16_000, channelCount: 1, recordingCount: 38 },
      { sampleRateHz: 44_100, channelCount: 2, recordingCount: 2 },
    ],
  };
  const language = { code: 'engUS_SPHINX_v010', displayName: 'English (US)', alphabet: 'ARPAbet' };
  const resources = { language, engine: { name: 'SPHINX' } } as never;
  return { resources, counts, words, estimatedSec: 120, faults: [], warnings: [], ...changes };
}

const ALL = { isAll: true, dictionary: null };

test('no line is wider than a terminal of 80 columns, further lines of a finding are indented, and the summary is last', () => {
  const missing = [
    {
      word: 'donaudampfschifffahrtsgesellschaft',
      count: 12,
      place: { file: 'a very long name of a recording.TextGrid', tier: 'anna', interval: 3, timeSec: 1.09 },
      near: ['dampfschifffahrt', 'gesellschaften', 'gesellschafter'],
      guesses: [['D', 'OH', 'N', 'AW', 'D', 'AA', 'M', 'P', 'F', 'SH', 'IH', 'F']],
    },
  ];
  const faults = [fault('b.TextGrid'), fault('a.TextGrid'), fault('b.TextGrid')];
  const words = { missing, guessed: [], faults: [], warnings: [], refused: new Set<string>() };
  const lines = formatChecked(checked({ faults, words }), TERMINAL, ALL);
  for (const line of lines) assert.ok(displayWidth(line) <= 80, line);
  assert.match(lines[0] ?? '', /^E_TRANSCRIPT_OVERLAP {2}a\.TextGrid tier "anna" interval 3/);
  assert.match(lines[1] ?? '', /^ {2}\S/);
  assert.equal(lines.at(-1), '12 of 40 recordings ready; 3 faults in 2 files, 0 warnings');
});

test('large numbers have the same form in all lines', () => {
  const { counts } = checked({});
  const many = {
    ...counts,
    readyCount: 1_000,
    recordingCount: 12_000,
    wordCount: 20_000,
    missingWordCount: 1_500,
  };
  const lines = formatChecked(checked({ counts: many }), TERMINAL, ALL);
  assert.ok(lines.includes('words: 20,000, of which 1,500 are in no dictionary'), lines.join('\n'));
  assert.match(lines.at(-1) ?? '', /^1,000 of 12,000 recordings ready;/);
});

test('of ten thousand faults fifty are shown, then how many more there are', () => {
  const faults = Array.from({ length: 10_000 }, (_, number) => fault(`${number}.TextGrid`));
  const lines = formatChecked(checked({ faults }), TERMINAL, { ...ALL, isAll: false });
  assert.equal(lines.filter((line) => line.startsWith('E_')).length, 50);
  assert.ok(lines.includes('and 9,950 more faults; --all shows them'));
});

test('the work time is reported as an estimate, and not at all for an engine without figures', () => {
  const estimate = (estimatedSec: number | null) =>
    formatChecked(checked({ estimatedSec }), TERMINAL, ALL).filter((line) => line.startsWith('estimate'));
  assert.match(
    estimate(120)[0] ?? '',
    /^estimate: about 2 min 0 s of one core for 50 min 0 s of speech; machines/,
  );
  assert.match(estimate(0.01)[0] ?? '', /about 1\.0 s of one core/);
  assert.deepEqual(estimate(null), []);
});

test('a word in the table is not repeated as a warning', () => {
  const place = { file: 'a.txt', line: 1 };
  const lines = formatChecked(
    checked({ warnings: [{ code: 'W_WORD_UNKNOWN', place, text: '"zorblax" is not in the dictionary' }] }),
    TERMINAL,
    ALL,
  );
  assert.ok(!lines.some((line) => line.startsWith('W_')));
});

test.run();
