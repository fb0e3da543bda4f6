/**
 * Makes one recording of more than three minutes from the committed English samples. It is not committed, because it
 * would be larger than all others together.
 * Usage: node scripts/samples/make-long.ts [FOLDER]    (default: .data/samples/english-long)
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cutSentences, joinPieces } from './pieces.ts';
import { textGridBytes } from './textgrid.ts';
import { writeWav } from './wav.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SOURCES = ['english-read/market-morning', 'english-read/night-train', 'english-conversation/library'];
const STEM = 'long-reading';
const TIER = 'reader';
const ROUND_COUNT = 3;

/**
 * Writes audio and transcript into a folder, and the reference beside it, as in samples/.
 * @returns the seconds of audio written
 */
export function makeLongSample(folder: string): number {
  const pieces = SOURCES.flatMap(cutSentences);
  if (pieces.length === 0) throw new Error('the English samples hold no sentence that stands alone');
  const step = stepThrough(pieces.length);
  // A step larger than 1, so that the voices change.
  const inTurn = Array.from({ length: ROUND_COUNT * pieces.length }, (_, count) => count * step);
  const { pcm, endSec, transcript, reference } = joinPieces(
    inTurn.flatMap((at) => pieces[at % pieces.length] ?? []),
    () => TIER,
  );
  const referenceFolder = path.join(folder, '..', 'reference', path.basename(folder));
  mkdirSync(folder, { recursive: true });
  mkdirSync(referenceFolder, { recursive: true });
  writeWav(path.join(folder, `${STEM}.wav`), pcm);
  const grid = { form: 'long', encoding: 'utf8' } as const;
  writeFileSync(path.join(folder, `${STEM}.TextGrid`), textGridBytes(transcript, grid));
  writeFileSync(path.join(referenceFolder, `${STEM}.TextGrid`), textGridBytes(reference, grid));
  return endSec;
}

/** A step without a common divisor with the length: every piece is used once before any is repeated. */
function stepThrough(count: number): number {
  for (let step = 7; ; step++) if (greatestCommonDivisor(step, count) === 1) return step;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

if (import.meta.main) {
  const folder = process.argv[2] ?? path.join(ROOT, '.data', 'samples', 'english-long');
  console.log(`${path.relative(process.cwd(), folder)}: ${makeLongSample(folder)} s`);
}
