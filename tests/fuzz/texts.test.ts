import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { atOnce } from '../../src/base/pieces.ts';
import { findTierFaults } from '../../src/formats/check-tiers.ts';
import { TEXT } from '../../src/formats/text/format.ts';
import type { Transcript } from '../../src/formats/transcript.ts';
import { feed, SEED } from '../support/feed.ts';

const test = suite(`texts with generated content, seed ${SEED}`);
const PIECES = [
  ...['-1', '1e999', '9007199254740993', '0x10', '.5', '0.5', '100000', '3500000 7000000 ', '-12.5 '],
  ...['\0', '"', '\r', '\r\n', '\n', '\t', '\uFEFF', '\uFFFD', '\uD800', '\u2028', '\u0085', '\f'],
  ...[
    '///',
    '\\303\\251',
    '\\',
    '\\777',
    '!ENTER',
    '#\n',
    'PK\x03\x04',
    '{\\rtf',
    '<html>',
    '<?xml',
    '<!--',
    '-->',
  ],
];
const GOOD = [
  'So it was.\nThe night train left.\n\nIt was late.',
  '0 3500000 so\n3500000 7000000 it was\n7000000 9000000 "late"\n',
  '0 100000 dh -50.1 THE -105.2\n100000 200000 ax -55.0\n200000 400000 k -1.0 CAT\n',
  '0.0 0.35 so\n0.35 0.7 it\n',
];

function check({ startSec, endSec, tiers }: Transcript): void {
  assert.ok(startSec === 0 && Number.isFinite(endSec) && tiers.length >= 1);
  for (const tier of tiers) {
    assert.ok(tier.kind === 'interval');
    findTierFaults(tier, { file: 'x.lab', audioDurationSec: 2 });
    for (const { text, line, lines } of tier.intervals) {
      assert.ok(lines === undefined || lines.map((one) => one.text).join('\n') === text);
      assert.ok(lines !== undefined || line !== undefined);
    }
  }
}

test('10,000 texts and HTK labels: a transcript, or a fault with a code', async () => {
  const options = { legacyEncoding: null, audioSec: 2, warn: () => undefined };
  await feed(10_000, GOOD, PIECES, (text) => {
    check(atOnce(TEXT.read(Buffer.from(text), 'x.lab', options)));
  });
});

test('2,000 of them in other encodings', async () => {
  const options = { legacyEncoding: 'windows-1252' as const, audioSec: null, warn: () => undefined };
  await feed(2_000, GOOD, PIECES, (text) => {
    check(atOnce(TEXT.read(Buffer.from(text, 'latin1'), 'x.txt', options)));
  });
  await feed(2_000, GOOD, PIECES, (text) => {
    check(atOnce(TEXT.read(Buffer.from(`\ufeff${text}`, 'utf16le'), 'x.lab', options)));
  });
});

test.run();
