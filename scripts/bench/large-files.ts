import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Cell, makeWorkbook } from '../../testing/make-workbook.ts';
import type { BenchContext, Figure } from './benchmark.ts';
import { type Piece, runPiece } from './children.ts';
import { median } from './numbers.ts';

const ANNOTATIONS = 122_000;
const TIERS = 4;
const ROWS = 135_000;
const ROUNDS = 5;
const MB = 1024 ** 2;

/** An EAF of 50 MB and a long workbook, each read in its own process. The seconds are CPU time. */
export async function largeFileFigures({
  dir,
  signal,
}: Pick<BenchContext, 'dir' | 'signal'>): Promise<Figure[]> {
  const eaf = path.join(dir, 'talk.eaf');
  const out = createWriteStream(eaf);
  await pipeline(Readable.from(linesOfEaf()), out);
  const workbook = path.join(dir, 'talk.xlsx');
  await writeFile(
    workbook,
    makeWorkbook({ sheets: [{ rows: [...rowsOfSheet()] }], strings: [...strings()] }),
  );
  const ours: Piece[] = [];
  const floor: Piece[] = [];
  const rows: Piece[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await runPiece('transcript-main.ts', ['read', eaf], signal));
    floor.push(await runPiece('transcript-main.ts', ['floor', eaf], signal));
    rows.push(await runPiece('transcript-main.ts', ['read', workbook], signal));
  }
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
    { what: `workbook read, ${ROWS} rows`, value: secOf(rows), unit: 's' },
    { what: 'peak memory of that', value: peakOf(rows), unit: 'MB', goal: { atMost: 250 } },
  ];
}

function secOf(pieces: readonly Piece[]): number {
  return median(pieces.map(({ said }) => Number(said['cpuSec'])));
}

function peakOf(pieces: readonly Piece[]): number {
  return median(pieces.map(({ peakBytes }) => peakBytes)) / MB;
}

/** As Excel writes it: texts are in a separate list. */
function* rowsOfSheet(): Generator<Cell[]> {
  const text = (number: number) => ({ attributes: 't="s"', inside: `<v>${number}</v>` });
  yield ['speaker', 'begin', 'end', 'text'];
  for (let row = 0; row < ROWS; row++) yield [text(0), row * 2, row * 2 + 1.5, text(row + 1)];
}

function* strings(): Generator<string> {
  yield '<si><t>Ann</t></si>';
  for (let row = 0; row < ROWS; row++) yield `<si><t>and so they said it was raining – ${row} times</t></si>`;
}

/** As ELAN writes it: two time slots for each annotation, all before the tiers. */
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
