import assert from 'node:assert/strict';
import { test } from 'uvu';
import { atOnce } from '../../../src/base/pieces.ts';
import type { TextGrid } from '../../../src/formats/textgrid/model.ts';
import { isBinaryTextGrid, readBinaryTextGridInPieces } from '../../../src/formats/textgrid/read-binary.ts';
import { writeBinaryTextGrid } from '../../support/binary-textgrid.ts';
import { thrownBy } from '../thrown.ts';

const range = { startSec: 0, endSec: 2.5 };
const GRID: TextGrid = {
  ...range,
  tiers: [
    {
      kind: 'interval',
      name: 'anna',
      ...range,
      intervals: [
        { startSec: 0, endSec: 1 / 3, text: 'plain' },
        { startSec: 1 / 3, endSec: 2, text: 'Ünï 日本 😀 é' },
        { startSec: 2, endSec: 2.5, text: '' },
      ],
    },
    { kind: 'point', name: 'glöckchen', ...range, points: [{ timeSec: 1e-7, text: 'two\nlines' }] },
  ],
};

function read(bytes: Uint8Array): TextGrid {
  return atOnce(readBinaryTextGridInPieces(bytes, 'a.TextGrid'));
}

test('the binary form gives the values that were written', () => {
  const bytes = writeBinaryTextGrid(GRID);
  assert.ok(isBinaryTextGrid(bytes));
  assert.deepEqual(read(bytes), GRID);
});

test('a binary TextGrid is recognised by its first bytes, wherever in memory it lies', () => {
  const bytes = Buffer.concat([Buffer.from('xxx'), writeBinaryTextGrid(GRID)]).subarray(3);
  assert.ok(isBinaryTextGrid(bytes));
  assert.deepEqual(read(bytes), GRID);
  assert.equal(isBinaryTextGrid(Buffer.from('File type = "ooBinaryFile"')), false);
  assert.equal(isBinaryTextGrid(Buffer.from('oo')), false);
});

test('intervals and points are put in time order, and a tier without intervals has an empty one', () => {
  const interval = (startSec: number, text: string) => ({ startSec, endSec: startSec + 1, text });
  const { tiers } = read(
    writeBinaryTextGrid({
      ...range,
      tiers: [
        { kind: 'interval', name: '', ...range, intervals: [interval(1, 'b'), interval(0, 'a')] },
        { kind: 'interval', name: '', ...range, intervals: [] },
      ],
    }),
  );
  const labels = tiers.map((tier) => tier.kind === 'interval' && tier.intervals.map(({ text }) => text));
  assert.deepEqual(labels, [['a', 'b'], ['']]);
});

test('each kind of damage is refused with its byte and place', () => {
  const bytes = writeBinaryTextGrid(GRID);
  const with_ = (at: number, ...values: number[]) => {
    const changed = Buffer.from(bytes);
    Buffer.from(values).copy(changed, at);
    return changed;
  };
  const tiersAt = 12 + 1 + 8 + 16 + 1;
  const countAt = tiersAt + 4 + 13 + 6 + 16;
  const cases: [bytes: Buffer, message: RegExp][] = [
    [
      bytes.subarray(0, 20),
      /^a\.TextGrid: expected the kind of object, found the end of the file, at byte 14;/,
    ],
    [with_(13, 0x50), /expected the kind of object "TextGrid", found "PextGrid"/],
    [with_(21, 0x7f, 0xf8), /expected the start time of the TextGrid \(a number of seconds\), found NaN/],
    [
      with_(tiersAt, 0x7f),
      /expected the number of tiers that fits the length of the file, found 2\d+, at byte 39/,
    ],
    [with_(tiersAt, 0xff), /the number of tiers that fits .*found -\d+/],
    [with_(tiersAt + 5, 0x50), /as the kind of tier 1, found "PntervalTier"/],
    [with_(countAt, 1), /tier "anna": expected the number of intervals that fits/],
    [
      with_(countAt + 4 + 16, 0xf0),
      /tier "anna" interval 1: expected a label, found the end of the file, .*\(the tier should have 3,/,
    ],
    [with_(countAt + 4 + 18, 0), /interval 1: expected a label, found a zero character/],
    [
      bytes.subarray(0, -1),
      /tier "glöckchen" point 1: expected a label, found the end of the file, at byte \d+ .*; copy/,
    ],
  ];
  for (const [damaged, message] of cases) {
    const error = thrownBy(() => read(damaged));
    assert.equal(error.code, 'E_TEXTGRID_MALFORMED');
    assert.match(error.message, message);
  }
});

test('half of a pair in a label is refused', () => {
  const tier = { kind: 'interval' as const, name: 'a', ...range };
  const bytes = writeBinaryTextGrid({
    ...range,
    tiers: [{ ...tier, intervals: [{ startSec: 0, endSec: 1, text: 'é\u4e00' }] }],
  });
  bytes.writeUInt16BE(0xd800, bytes.length - 2);
  assert.match(thrownBy(() => read(bytes)).message, /a label, found the end of the file/);
  bytes.writeUInt16BE(0xdc00, bytes.length - 2);
  assert.match(
    thrownBy(() => read(bytes)).message,
    /expected a label in UTF-16, found half of a pair \(0xdc00\)/,
  );
});

test.run();
