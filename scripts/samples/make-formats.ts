/**
 * Makes the samples whose transcripts are not TextGrids, from the committed English samples. Needs no synthesiser.
 * Usage: node scripts/samples/make-formats.ts
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { convert } from '../../src/tasks/convert.ts';
import { makeWorkbook } from '../../testing/make-workbook.ts';
import { cutSentences, joinPieces, type Piece } from './pieces.ts';
import { textGridBytes } from './textgrid.ts';
import { type Pcm, writeWav } from './wav.ts';

/** A sample in another format of transcripts. */
export interface FormatSample {
  /** Below samples/. */
  readonly folder: string;
  readonly stem: string;
  readonly extension: 'eaf' | 'srt' | 'xlsx' | 'txt';
  readonly pieces: () => readonly Piece[];
}

const MARKET = 'english-read/market-morning';
const TRAIN = 'english-read/night-train';
const TALK = 'english-conversation/library';

export const FORMAT_SAMPLES: readonly FormatSample[] = [
  { folder: 'english-elan', stem: 'market', extension: 'eaf', pieces: () => pick(MARKET, 0, 2) },
  { folder: 'english-subtitles', stem: 'train', extension: 'srt', pieces: () => pick(TRAIN, 0, 1) },
  { folder: 'english-workbook', stem: 'tea', extension: 'xlsx', pieces: () => pick(TALK, -2, -1) },
  {
    folder: 'english-text',
    stem: 'market-and-train',
    extension: 'txt',
    pieces: () => [...pick(MARKET, 0, 1, 2, 3, 4), ...cutSentences(TRAIN)],
  },
];

const GRID = { form: 'long', encoding: 'utf8' } as const;

/** Writes one sample and its reference. @param samplesDir - the folder samples/ */
export async function makeFormatSample(sample: FormatSample, samplesDir: string): Promise<void> {
  const { folder, stem, extension } = sample;
  const { pcm, transcript, reference } = joinPieces(sample.pieces(), ({ speaker }) => speaker);
  const dir = path.join(samplesDir, folder);
  const referenceDir = path.join(samplesDir, 'reference', folder);
  for (const one of [dir, referenceDir]) {
    rmSync(one, { recursive: true, force: true });
    mkdirSync(one, { recursive: true });
  }
  writeWav(path.join(dir, `${stem}.wav`), pcm);
  writeFileSync(path.join(referenceDir, `${stem}.TextGrid`), textGridBytes(reference, GRID));
  const file = path.join(dir, `${stem}.${extension}`);
  if (extension === 'txt')
    writeFileSync(
      file,
      `${rowsOf(transcript)
        .map(({ text }) => text)
        .join('\n')}\n`,
    );
  else if (extension === 'xlsx') writeFileSync(file, workbookOf(transcript));
  else await writeConverted(transcript, pcm, file, extension);
}

function pick(source: string, ...numbers: readonly number[]): Piece[] {
  const pieces = cutSentences(source);
  return numbers.flatMap((number) => pieces.at(number) ?? []);
}

function rowsOf({ tiers }: TextGrid) {
  return tiers
    .flatMap((tier) =>
      tier.kind === 'point' ? [] : tier.intervals.map((interval) => ({ speaker: tier.name, ...interval })),
    )
    .filter(({ text }) => text !== '')
    .toSorted((a, b) => a.startSec - b.startSec);
}

function workbookOf(transcript: TextGrid): Buffer {
  const rows = rowsOf(transcript).map(({ speaker, startSec, endSec, text }) => [
    speaker,
    startSec,
    endSec,
    text,
  ]);
  return makeWorkbook({ sheets: [{ name: 'Talk', rows: [['speaker', 'begin', 'end', 'text'], ...rows] }] });
}

/** The recording lies beside it, because the new file may name it. */
async function writeConverted(
  transcript: TextGrid,
  pcm: Pcm,
  file: string,
  format: 'eaf' | 'srt',
): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'autophon-samples-'));
  try {
    const { name } = path.parse(file);
    const from = path.join(dir, `${name}.TextGrid`);
    writeWav(path.join(dir, `${name}.wav`), pcm);
    writeFileSync(from, textGridBytes(transcript, GRID));
    const [done] = await convert([{ from, to: file }], {
      format,
      folder: null,
      legacyEncoding: null,
      columns: [],
      isForced: true,
      signal: new AbortController().signal,
    });
    if (done === undefined || done.faults.length > 0) throw new Error(JSON.stringify(done?.faults));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

if (import.meta.main) {
  const samplesDir = path.join(import.meta.dirname, '..', '..', 'samples');
  for (const sample of FORMAT_SAMPLES) {
    await makeFormatSample(sample, samplesDir);
    console.log(`${sample.folder}/${sample.stem}.${sample.extension}`);
  }
}
