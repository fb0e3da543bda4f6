import assert from 'node:assert/strict';
import { test } from 'uvu';
import { findingAt } from '../../src/base/finding.ts';
import { atOnce } from '../../src/base/pieces.ts';
import type { ResultDocument, ResultTier } from '../../src/formats/result.ts';
import { writeViewTiers } from '../../src/pictures/view-tiers.ts';

const whole = { startSec: 0, endSec: 2 };

test('tiers have their roles, and phones have their IPA if it differs from the label', () => {
  const { seconds, tiers } = write([]);
  assert.equal(seconds, 2);
  assert.deepEqual(
    tiers.map(({ role, speaker }: ResultTier) => `${role} ${speaker}`),
    ['phones ann', 'transcript ann', 'other clicks'],
  );
  assert.deepEqual(tiers[0].intervals, [
    [0, 1, 'K', 'k'],
    [1, 2, 's'],
  ]);
  assert.deepEqual(tiers[2], {
    name: 'clicks',
    role: 'other',
    speaker: 'clicks',
    points: true,
    intervals: [[1, 1, 'x']],
  });
});

test('findings with a time are places to look at, in time order; a finding about an interval ends with it', () => {
  const { doubtful } = write([
    findingAt('W_NOT_SAID', { file: 'a.TextGrid', tier: 'ann', timeSec: 1.5, endSec: 1.7 }, 'not said'),
    findingAt('W_NOT_ALIGNED', { file: 'a.TextGrid', tier: 'ann', interval: 1, timeSec: 0 }, 'lost'),
    findingAt('W_TIER_NAMED', { file: 'a.TextGrid' }, 'no place'),
  ]);
  assert.deepEqual(doubtful, [
    { from: 0, to: 1.25, text: 'lost', code: 'W_NOT_ALIGNED', tier: 'ann' },
    { from: 1.5, to: 1.7, text: 'not said', code: 'W_NOT_SAID', tier: 'ann' },
  ]);
});

function write(findings: Parameters<typeof writeViewTiers>[1]) {
  let text = '';
  atOnce(
    writeViewTiers(document, findings, (more) => {
      text += more;
    }),
  );
  return JSON.parse(text);
}

function phones(first: string): ResultTier {
  const intervals = [
    { startSec: 0, endSec: 1, text: first },
    { startSec: 1, endSec: 2, text: 's' },
  ];
  return { kind: 'interval', role: 'phone', speaker: 'ann', name: 'ann - phone', ...whole, intervals };
}

const others: ResultTier[] = [
  {
    kind: 'interval',
    role: 'trans',
    speaker: 'ann',
    name: 'ann - trans',
    ...whole,
    intervals: [
      { startSec: 0, endSec: 1.25, text: 'yes' },
      { startSec: 1.25, endSec: 2, text: 'no' },
    ],
  },
  {
    kind: 'point',
    role: 'other',
    speaker: 'clicks',
    name: 'clicks',
    ...whole,
    points: [{ timeSec: 1, text: 'x' }],
  },
];
const document: ResultDocument = {
  name: 'a',
  durationSec: 2,
  audio: null,
  phones: [phones('K'), ...others],
  ipa: [phones('k'), ...others],
  doubtful: new Map(),
};

test.run();
