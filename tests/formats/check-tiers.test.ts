import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Fault } from '../../src/base/errors.ts';
import { findTierFaults } from '../../src/formats/check-tiers.ts';
import type { IntervalTier } from '../../src/formats/tiers.ts';
import { flat, shown } from '../support/finding.ts';

type Cut = readonly [startSec: number, endSec: number, text: string];

function tierOf(...cuts: Cut[]): IntervalTier {
  const intervals = cuts.map(([startSec, endSec, text]) => ({ startSec, endSec, text }));
  return { kind: 'interval', name: 'anna', startSec: 0, endSec: 10, intervals };
}

function faultsOf(...cuts: Cut[]): Fault[] {
  return findTierFaults(tierOf(...cuts), { file: 'talk.TextGrid', audioDurationSec: 10 });
}

test('a valid tier has no faults, gaps and empty intervals without length included', () => {
  assert.deepEqual(
    faultsOf([0, 1, ''], [1, 2, 'a'], [3, 4, 'b'], [3.5, 3.5, ''], [4, 10.1, 'c'], [10.1, 30, '']),
    [],
  );
  assert.deepEqual(faultsOf(), []);
});

test('an overlap names both intervals and their times', () => {
  const [fault, ...rest] = faultsOf([0, 3.25, 'a'], [3.2, 4, 'b'], [4, 5, 'c']);
  assert.deepEqual(rest, []);
  assert.deepEqual(
    [fault?.code, fault?.place],
    ['E_TRANSCRIPT_OVERLAP', { file: 'talk.TextGrid', tier: 'anna', interval: 2, timeSec: 3.2 }],
  );
  assert.match(
    shown(fault),
    /^talk\.TextGrid tier "anna" interval 2 \(3\.20 s\): .*end 3\.25 s of interval 1 \(0 to 3\.25 s\), found 3\.2 to 4 s; /,
  );
});

test('an overlap with an interval further back is found too', () => {
  const faults = faultsOf([0, 9, 'a'], [1, 2, 'b'], [3, 4, 'c']);
  assert.deepEqual(
    faults.map(flat).map(({ code, interval }) => [code, interval]),
    [
      ['E_TRANSCRIPT_OVERLAP', 2],
      ['E_TRANSCRIPT_OVERLAP', 3],
    ],
  );
  assert.match(shown(faults[1]), /of interval 1 /);
});

test('boundaries that rounding moved over each other by half a millisecond are no overlap', () => {
  assert.deepEqual(faultsOf([0, 1.0004, 'a'], [1, 2, 'b']), []);
  assert.equal(faultsOf([0, 1.0006, 'a'], [1, 2, 'b']).length, 1);
});

test('intervals that are reversed, without length, before 0 or out of order are faults of time, all reported', () => {
  const faults = faultsOf([-1, 0, 'early'], [5, 6, 'a'], [3, 2, ''], [7, 7, 'b'], [1, 2, 'c']);
  assert.deepEqual(
    faults.map(flat).map(({ code, interval }) => [code, interval]),
    [1, 3, 4, 5].map((interval) => ['E_TRANSCRIPT_TIME', interval]),
  );
  assert.match(shown(faults[3]), /after interval 2 \(5 to 6 s\), found 1 to 2 s/);
});

test('a reversed interval is one fault, and causes none at the next', () => {
  const faults = faultsOf([3, 2, 'a'], [1, 2, 'b'], [2, 3, 'c']);
  assert.deepEqual(
    faults.map(flat).map(({ code, interval }) => [code, interval]),
    [['E_TRANSCRIPT_TIME', 1]],
  );
});

test('labels past the end of the audio are one fault that names both times', () => {
  const faults = faultsOf([9, 10.05, 'a'], [10.05, 11, 'b'], [11, 12.5, 'c'], [12.5, 60, ' ']);
  assert.deepEqual(
    faults.map(flat).map(({ code, interval, timeSec }) => [code, interval, timeSec]),
    [['E_AUDIO_TOO_SHORT', 2, 10.05]],
  );
  assert.match(shown(faults[0]), /up to 12\.5 s, .*found 10 s of audio .*past its end: 2\)/);
});

test('times that were kept when a recording was cut out are recognised', () => {
  const tier = { ...tierOf([100, 105, 'a'], [105, 110, '']), startSec: 100, endSec: 110 };
  const [fault] = findTierFaults(tier, { file: 'a.TextGrid', audioDurationSec: 10 });
  assert.equal(fault?.code, 'E_AUDIO_TOO_SHORT');
  assert.match(shown(fault), /begin at 100 s, .*shift them to 0 s/);
});

test('of very many faults in a tier, a hundred are returned and the last says how many there are', () => {
  const cuts = Array.from({ length: 5000 }, (_, index): Cut => [index / 1000, 9, 'x']);
  const faults = faultsOf(...cuts);
  assert.equal(faults.length, 100);
  assert.match(shown(faults[99]), /4999 intervals are wrong/);
});

test('an interval that has a line is named by it, and the one that it overlaps too', () => {
  const intervals = [
    { startSec: 0, endSec: 3, text: 'a', line: 2 },
    { startSec: 2, endSec: 4, text: 'b', line: 5, column: 3 },
  ];
  const [fault] = findTierFaults({ ...tierOf(), intervals }, { file: 'talk.srt', audioDurationSec: 10 });
  assert.deepEqual([fault?.place?.line, fault?.place?.column, fault?.place?.timeSec], [5, 3, 2]);
  assert.match(shown(fault), /^talk\.srt line 5 column 3 \(2\.00 s\): .* of line 2 \(0 to 3 s\)/);
});

test.run();
