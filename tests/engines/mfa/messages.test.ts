import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import type { MfaCorpus } from '../../../src/engines/mfa/corpus.ts';
import { describeMfaFailure } from '../../../src/engines/mfa/failure.ts';
import { MFA1_PHASES } from '../../../src/engines/mfa/mfa1.ts';
import { MFA2_PHASES } from '../../../src/engines/mfa/mfa2.ts';
import { trackMfaPhases } from '../../../src/engines/mfa/phases.ts';
import { flat } from '../../support/finding.ts';

const RECORDINGS = path.join(import.meta.dirname, '../..', 'fixtures', 'recordings');

for (const [recording, phases, told] of [
  ['mfa1/two-files-three-tiers', MFA1_PHASES, 7],
  ['mfa1/1.1-beta-two-files', MFA1_PHASES, 7],
  ['mfa2/two-files-three-tiers', MFA2_PHASES, MFA2_PHASES.length],
] as const) {
  test(`the phases of ${recording} are reported in order, from 0 to nearly 1`, () => {
    const reports = trackRecording(recording, phases);
    assert.equal(reports.length, told);
    assert.deepEqual(reports[0], [0, 'Setting up corpus information']);
    assert.equal(reports.at(-1)?.[1], 'Done!');
    const shares = reports.map(([share]) => share);
    assert.deepEqual(
      shares,
      [...new Set(shares)].sort((a, b) => a - b),
    );
    assert.ok(shares.every((share) => share >= 0 && share < 1));
  });
}

test('a phase is reported once, however often MFA names it, and again if it is due again', () => {
  const shares: number[] = [];
  const onLine = trackMfaPhases(['One', 'Two', 'Three', 'Two'], (share) => shares.push(share));
  for (const line of ['One...', 'One...', 'Two...', 'Other', 'Three...', 'Two...', 'Two...']) onLine(line);
  assert.deepEqual(shares, [0, 1 / 4, 2 / 4, 3 / 4]);
});

for (const [recording, engine, code, meaning] of [
  ['mfa1/garbage-wav', 'MFA1', 'E_AUDIO_FORMAT', /not a plain 16-bit PCM wav/],
  ['mfa2/garbage-wav', 'MFA2', 'E_AUDIO_FORMAT', /not a plain 16-bit PCM wav/],
  ['mfa1/unknown-word-without-q', 'MFA1', 'E_WORDS_UNKNOWN', /not in the dictionary/],
  ['mfa1/blank-in-file-name', 'MFA1', 'E_ENGINE_FAILED', /KeyError: 'my'/],
  ['mfa2/dead-model', 'MFA2', 'E_ENGINE_FAILED', /model is broken, or not one of the intervals/],
  ['mfa2/undecodable-interval', 'MFA2', 'E_ENGINE_FAILED', /model is broken, or not one of the intervals/],
] as const) {
  test(`${recording} fails with ${code}, in plain words, with its last lines as the cause`, () => {
    const lastLines = read(recording, 'stderr').slice(-20);
    const error = describeMfaFailure(
      engine,
      { exitCode: 1, signal: null, lastLines, durationSec: 1 },
      corpus,
    );
    assert.equal(error.code, code);
    assert.match(error.message, meaning);
    assert.match(error.message, /exit status 1/);
    assert.doesNotMatch(error.message, /\.log/);
    assert.ok(String(error.cause).includes(lastLines.at(-1) ?? '?'));
  });
}

test('the file that MFA names is reported by its id', () => {
  const lastLines = ["soundfile.LibsndfileError: Error opening '/tmp/x/c1/f2.wav': Format not recognised."];
  const error = describeMfaFailure('MFA2', { exitCode: 1, signal: null, lastLines, durationSec: 1 }, corpus);
  assert.deepEqual(
    error.faults.map(flat).map(({ file }) => file),
    ['b'],
  );
});

test('a full disk, too little memory and a signal are distinguished', () => {
  const fail = (lastLines: string[], signal: NodeJS.Signals | null = null) =>
    describeMfaFailure(
      'MFA1',
      { exitCode: signal === null ? 1 : null, signal, lastLines, durationSec: 1 },
      corpus,
    );
  assert.equal(fail(['OSError: [Errno 28] No space left on device']).code, 'E_DISK_FULL');
  assert.match(fail(['MemoryError']).message, /memory/);
  assert.match(fail([], 'SIGKILL').message, /was killed by SIGKILL \(usually out of memory/);
});

const corpus: MfaCorpus = {
  dir: '/nowhere',
  dictionaryPath: '/nowhere',
  files: ['a', 'b'].map((fileId, i) => ({ stem: `f${i + 1}`, fileId, speakers: [] })),
  speakerCount: 0,
  speechSec: 0,
  wordOf: () => null,
};

function trackRecording(recording: string, phases: readonly string[]): [number, string][] {
  const reports: [number, string][] = [];
  const onLine = trackMfaPhases(phases, (progress, note) => reports.push([progress, note]));
  for (const line of [...read(recording, 'stdout'), ...read(recording, 'stderr')]) onLine(line);
  return reports;
}

function read(recording: string, stream: 'stdout' | 'stderr'): string[] {
  const text = readFileSync(path.join(RECORDINGS, recording, stream), 'utf8');
  return text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
}

test.run();
