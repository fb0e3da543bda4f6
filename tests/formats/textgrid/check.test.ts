import assert from 'node:assert/strict';
import { test } from 'uvu';
import { findOutputFaults } from '../../../src/formats/textgrid/check.ts';
import type { TextGrid } from '../../../src/formats/textgrid/model.ts';
import type { IntervalTier } from '../../../src/formats/tiers.ts';
import { flat, shown } from '../../support/finding.ts';

type Cut = readonly [startSec: number, endSec: number, text: string];

function tierOf(...cuts: Cut[]): IntervalTier {
  const intervals = cuts.map(([startSec, endSec, text]) => ({ startSec, endSec, text }));
  return { kind: 'interval', name: 'anna', startSec: 0, endSec: 10, intervals };
}

test('an output is fit when every interval tier covers 0 to the duration exactly once', () => {
  const point = {
    kind: 'point',
    name: 'p',
    startSec: 0,
    endSec: 10,
    points: [{ timeSec: 99, text: '' }],
  } as const;
  const valid: TextGrid = { startSec: 0, endSec: 10, tiers: [tierOf([0, 4, ''], [4, 10, 'a']), point] };
  assert.deepEqual(findOutputFaults(valid, 10, 'a.TextGrid'), []);

  const longer = findOutputFaults(valid, 12, 'a.TextGrid');
  assert.match(shown(longer[0]), /^a\.TextGrid: expected a TextGrid from 0 s to 12 s, found 0 to 10 s/);

  const tiers = [tierOf([0, 4, ''], [5, 10, 'a']), tierOf([0, 6, ''], [5, 10, 'a']), tierOf([0, 9, ''])];
  const broken = findOutputFaults({ ...valid, tiers }, 10, 'a.TextGrid');
  assert.deepEqual(
    broken.map(flat).map(({ code, interval }) => [code, interval]),
    [2, 2, 1].map((interval) => ['E_OUTPUT_INVALID', interval]),
  );
});

test.run();
