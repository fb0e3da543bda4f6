import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BenchContext, Figure } from './benchmark.ts';
import { type Piece, runPiece } from './children.ts';
import { median } from './numbers.ts';

const ANNOTATIONS = 122_000;
const TIERS = 4;
const ROUNDS = 5;
const MB = 1024 ** 2;

/** An EAF of 50 MB, read in a process of its own. Seconds are of the processor. */
export async function eafFigures({ dir, signal }: Pick<BenchContext, 'dir' | 'signal'>): Promise<Figure[]> {
  const file = path.join(dir, 'talk.eaf');
  const out = createWriteStream(file);
  await pipeline(Readable.from(linesOfEaf()), out);
  const ours: Piece[] = [];
  const floor: Piece[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await runPiece('eaf-main.ts', ['read', file], signal));
    floor.push(await runPiece('eaf-main.ts', ['floor', file], signal));
  }
  const secOf = (pieces: readonly Piece[]) => median(pieces.map(({ said }) => Number(said['cpuSec'])));
  const peakOf = (pieces: readonly Piece[]) => median(pieces.map(({ peakBytes }) => peakBytes)) / MB;
  const name = 'XML alone';
  return [
    {
      what: `EAF read, ${(out.bytesWritten / 1e6).toFixed(1)} MB`,
      value: secOf(ours),
      unit: 's',
      beside: { name, value: secOf(floor) },
      goal: { atMost: 3 },
    },
    {
      what: 'peak memory of that',
      value: peakOf(ours),
      unit: 'MB',
      beside: { name, value: peakOf(floor) },
      goal: { atMost: 300 },
    },
  ];
}

/** As ELAN writes it: two time slots for each annotation, all of them before the tiers. */
function* linesOfEaf(): Generator<string, void> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT AUTHOR="" DATE="2025-01-01T00:00:00Z" VERSION="3.0">\n';
  yield '    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/>\n    <TIME_ORDER>\n';
  for (let slot = 0; slot < 2 * ANNOTATIONS; slot++)
    yield `        <TIME_SLOT TIME_SLOT_ID="ts${slot + 1}" TIME_VALUE="${slot * 500}"/>\n`;
  yield '    </TIME_ORDER>\n';
  for (let tier = 0; tier < TIERS; tier++) {
    yield `    <TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="speaker ${tier}">\n`;
    for (let at = tier; at < ANNOTATIONS; at += TIERS) {
      yield `        <ANNOTATION>\n            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a${at + 1}" TIME_SLOT_REF1="ts${2 * at + 1}" TIME_SLOT_REF2="ts${2 * at + 2}">\n`;
      yield `                <ANNOTATION_VALUE>and so they said it – ${at} times</ANNOTATION_VALUE>\n            </ALIGNABLE_ANNOTATION>\n        </ANNOTATION>\n`;
    }
    yield '    </TIER>\n';
  }
  yield '    <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>\n</ANNOTATION_DOCUMENT>\n';
}
