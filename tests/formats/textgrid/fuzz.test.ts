import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import { atOnce } from '../../../src/base/pieces.ts';
import { findTierFaults } from '../../../src/formats/check-tiers.ts';
import { decodeText } from '../../../src/formats/text-encoding.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { isBinaryTextGrid, readBinaryTextGridInPieces } from '../../../src/formats/textgrid/read-binary.ts';
import { writeBinaryTextGrid } from '../../support/binary-textgrid.ts';

const RECORDINGS = path.join(import.meta.dirname, '../../fixtures/recordings');
const SEEDS = [
  'fase/two-speakers/out/r.TextGrid',
  'fave/two-speakers/out/o.TextGrid',
  'mfa1/two-files-three-tiers/in/corpus/talk.TextGrid',
];
const MUTATIONS_PER_SEED = 1000;
/** A thousand times what a correct reader needs: only a reader that hangs or takes quadratic time exceeds it. */
const STALL_MS = 5000;
const PIECES = [
  '"',
  '""',
  '<',
  '>',
  '!',
  '-',
  '+',
  '.',
  ',',
  '\0',
  '\r',
  '\u2028',
  '😀',
  '999999999',
  '1e999',
  '<exists>',
  '"TextTier"',
  ' ',
];

/** Numbers from 0 to 1 in a fixed order (a linear congruential generator): a failure happens again in each run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function mutate(original: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * original.length);
  const end = Math.min(original.length, at + Math.floor(random() ** 4 * 400));
  const before = original.subarray(0, at);
  const after = original.subarray(end);
  const piece = Buffer.from(PIECES[Math.floor(random() * PIECES.length)] ?? '');
  const kind = Math.floor(random() * 6);
  if (kind === 0) return before;
  if (kind === 1) return Buffer.concat([before, after]);
  if (kind === 2) return Buffer.concat([before, piece, after]);
  if (kind === 3)
    return Buffer.concat([before, Buffer.from([Math.floor(random() * 256)]), original.subarray(at + 1)]);
  if (kind === 4)
    return Buffer.concat([before, original.subarray(at, end), original.subarray(at, end), after]);
  return Buffer.from(original.toString('latin1').replaceAll(piece.toString('latin1'), ''), 'latin1');
}

/** @returns whether the bytes were a TextGrid */
function readAll(bytes: Uint8Array): boolean {
  // CPU time, so that a busy machine does not count.
  const started = process.cpuUsage();
  try {
    const grid = isBinaryTextGrid(bytes)
      ? atOnce(readBinaryTextGridInPieces(bytes, 'a.TextGrid'))
      : readTextGrid(decodeText(bytes, 'a.TextGrid', 'latin1').text, 'a.TextGrid');
    for (const tier of grid.tiers) {
      if (tier.kind === 'interval') findTierFaults(tier, { file: 'a.TextGrid', audioDurationSec: 5 });
    }
    return true;
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    assert.ok(error.message.length < 2000, `a message of ${error.message.length} characters`);
    return false;
  } finally {
    const { user, system } = process.cpuUsage(started);
    const tookMs = (user + system) / 1000;
    assert.ok(tookMs < STALL_MS, `took ${tookMs} ms for ${bytes.length} bytes`);
  }
}

test('of thousands of damaged files, each is read or refused with a TaskError', () => {
  const random = createRandom(20_240_229);
  let readCount = 0;
  for (const seed of SEEDS) {
    const original = readFileSync(path.join(RECORDINGS, seed));
    const utf16 = Buffer.from(`\ufeff${original.toString('utf8')}`, 'utf16le');
    const binary = writeBinaryTextGrid(readTextGrid(decodeText(original, seed).text, seed));
    for (let count = 0; count < MUTATIONS_PER_SEED; count++) {
      let bytes = mutate(count % 5 === 0 ? utf16 : count % 5 === 1 ? binary : original, random);
      while (random() < 0.5) bytes = mutate(bytes, random);
      if (readAll(bytes)) readCount++;
    }
  }
  const total = SEEDS.length * MUTATIONS_PER_SEED;
  assert.ok(readCount > total / 100 && readCount < total, `${readCount} of ${total} were read`);
});

test('long inputs made to stall a reader are read or refused at once', () => {
  const head = '"ooTextFile"\n"TextGrid"\n0 1 <exists> 1 "IntervalTier" "a" 0 1 1 0 1 ';
  for (const piece of [
    '"',
    '"" ',
    '" ',
    '!',
    '!\n',
    '<',
    '<exists> ',
    '1',
    '1 ',
    '1e',
    '.',
    '-',
    'x',
    ' ',
    '\r',
    '\u00a0',
  ]) {
    const long = piece.repeat(2_000_000 / piece.length);
    for (const text of [
      long,
      `"ooTextFile"${long}`,
      `"ooTextFile"\n${long}`,
      head + long,
      `"Praat chronological TextGrid text file"\n0 1 1 "IntervalTier" "a" 0 1 ${long}`,
      `ooBinaryFile${long}`,
      `${head}"${long}`,
      `${head}"${long}"`,
    ]) {
      readAll(Buffer.from(text));
    }
  }
});

test('a long binary file is read, or refused at once', () => {
  const range = { startSec: 0, endSec: 1 };
  const intervals = Array.from({ length: 50_000 }, () => ({ ...range, text: 'é😀' }));
  const tier = { kind: 'interval' as const, name: 'a', ...range, intervals };
  const bytes = writeBinaryTextGrid({ ...range, tiers: [tier, tier] });
  assert.ok(readAll(bytes));
  for (const value of [0, 1, 0x7f, 0xff]) {
    const filled = Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(2_000_000, value)]);
    readAll(filled);
    assert.equal(readAll(bytes.subarray(0, -1)), false);
  }
});

test('a hundred thousand intervals are read, each with its values', () => {
  const count = 100_000;
  const items = Array.from({ length: count }, (_, index) => {
    const startSec = index / 10;
    return `        intervals [${index + 1}]:\n            xmin = ${startSec} \n            xmax = ${startSec + 0.1} \n            text = "word ""${index}""" \n`;
  });
  const text =
    `File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0 \nxmax = 10000 \ntiers? <exists> \nsize = 1 \nitem []: \n` +
    `    item [1]:\n        class = "IntervalTier" \n        name = "a" \n        xmin = 0 \n        xmax = 10000 \n` +
    `        intervals: size = ${count} \n${items.join('')}`;
  assert.ok(readAll(Buffer.from(text)));
  const [tier] = readTextGrid(text, 'a.TextGrid').tiers;
  assert.deepEqual(tier?.kind === 'interval' && tier.intervals.at(-1), {
    startSec: 9999.9,
    endSec: 9999.9 + 0.1,
    text: 'word "99999"',
  });
});

test.run();
