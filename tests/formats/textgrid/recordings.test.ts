import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { findTierFaults } from '../../../src/formats/check-tiers.ts';
import { decodeText } from '../../../src/formats/text-encoding.ts';
import { findOutputFaults } from '../../../src/formats/textgrid/check.ts';
import type { TextGrid } from '../../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { fillGaps, writeTextGrid } from '../../../src/formats/textgrid/write.ts';
import type { Tier } from '../../../src/formats/tiers.ts';

const DIR = path.join(import.meta.dirname, '../../fixtures/recordings');
const FILES = globSync('**/*.TextGrid', { cwd: DIR }).sort();

function readRecording(file: string): TextGrid {
  return readTextGrid(decodeText(readFileSync(path.join(DIR, file)), file).text, file);
}

/** As in a result: every interval tier covers the whole time. */
function padded(grid: TextGrid): TextGrid {
  const { startSec, endSec } = grid;
  const tiers = grid.tiers.map(
    (tier): Tier =>
      tier.kind === 'point'
        ? tier
        : { ...tier, startSec, endSec, intervals: fillGaps(tier.intervals, startSec, endSec) },
  );
  return { startSec, endSec, tiers };
}

function isOverlapping(grid: TextGrid): boolean {
  return grid.tiers.some(
    (tier) =>
      tier.kind === 'interval' &&
      findTierFaults(tier, { file: '', audioDurationSec: Number.POSITIVE_INFINITY }).length > 0,
  );
}

test('every TextGrid that went into an engine or came out of one is read', () => {
  assert.ok(FILES.length >= 40, `found ${FILES.length} recordings in ${DIR}`);
  for (const file of FILES) {
    const grid = readRecording(file);
    // FAVE reports success for an empty recording and writes an empty TextGrid.
    const isOfNothing = file.startsWith('fave/header-only-wav/');
    assert.equal(grid.endSec > grid.startSec && grid.tiers.length > 0, !isOfNothing, file);
  }
});

test('as many labels are read as the file has lines or values of them', () => {
  for (const file of FILES) {
    const text = readFileSync(path.join(DIR, file), 'utf8');
    const grid = readRecording(file);
    const count = grid.tiers.reduce(
      (sum, tier) => sum + (tier.kind === 'interval' ? tier.intervals.length : 0),
      0,
    );
    const inLongForm = text.match(/^\s*text = "/gm)?.length;
    const inShortForm = text.match(/^"/gm)?.length;
    const expected = inLongForm ?? (inShortForm ?? 0) - 2 * grid.tiers.length;
    assert.equal(count, expected, file);
  }
});

test('of all recordings, only the output with one speaker talking over himself breaks the rules for tiers', () => {
  const broken = FILES.filter((file) => isOverlapping(readRecording(file)));
  assert.deepEqual(broken, ['fave/same-speaker-overlap/out/o.TextGrid']);
});

test('values that are padded to full length and written are read back unchanged', () => {
  for (const file of FILES) {
    const read = readRecording(file);
    if (isOverlapping(read)) continue;
    const grid = padded(read);
    assert.deepEqual(readTextGrid(writeTextGrid(grid), file), grid, file);
    if (grid.startSec === 0) assert.deepEqual(findOutputFaults(grid, grid.endSec, file), [], file);
  }
});

test.run();
