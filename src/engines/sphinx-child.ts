import { openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { TaskError } from '../base/errors.ts';
import { readMonoPcm16AsFloat } from '../formats/wav-pcm.ts';
import { type Beam, createDecoder, type DecodeRequest, type SphinxDecoder } from './sphinx-decoder.ts';
import { divide, type TimedWord } from './sphinx-divide.ts';
import type { ReadWords } from './sphinx-grammar.ts';
import {
  formatProgress,
  type SphinxItem,
  type SphinxJob,
  type SphinxOutcome,
  type SphinxWord,
} from './sphinx-job.ts';

/**
 * Below these, the words are not what is said. Measured on synthetic speech, clean and with noise down to 0 dB: right
 * texts gave means from -0.0039 (narrow) and -0.0051 (wide), words from -0.0106; texts of other sentences, noise and
 * silence -0.0045 and -0.0056 at best; words that were not said at the end of a right text -0.013 at best of most.
 */
const MIN_SCORE: Readonly<Record<Beam, number>> = { narrow: -0.0045, wide: -0.0052 };
const MIN_WORD_SCORE = -0.011;
/** A job without items loads the model and ends: the engine's check. */
const CHECK_RATE_HZ = 16_000;

/**
 * The program of the engine's child processes: works off a job (first argument: its JSON file). The decoder can end its
 * process without a word, so each outcome is on disk before the next item begins.
 */
async function main(jobPath: string): Promise<void> {
  const job: SphinxJob = JSON.parse(await readFile(jobPath, 'utf8'));
  const outcomeFile = openSync(job.outcomePath, 'a');
  const write = (outcome: SphinxOutcome): void => void writeSync(outcomeFile, `${JSON.stringify(outcome)}\n`);
  const decoder = await createDecoder(job.modelDir, job, job.items[0]?.sampleRateHz ?? CHECK_RATE_HZ);
  for (const item of job.items) {
    write({ id: item.id, state: 'begun' });
    write(await work(item, decoder));
    process.stdout.write(`${formatProgress(item.id, 1)}\n`);
  }
}

async function work(item: SphinxItem, decoder: SphinxDecoder): Promise<SphinxOutcome> {
  try {
    return item.kind === 'divide' ? await divideItem(item, decoder) : await alignItem(item, decoder);
  } catch (error) {
    // A sound file that cannot be read costs its own items only.
    if (error instanceof TaskError) return { id: item.id, state: 'failed', reason: error.message };
    throw error;
  }
}

async function alignItem(item: SphinxItem, decoder: SphinxDecoder): Promise<SphinxOutcome> {
  const { id, words, startSec, endSec } = item;
  const samples = await readMonoPcm16AsFloat(item.audioPath, startSec, endSec);
  const found = await decode(decoder, { ...item, samples, words, isWhole: true, withPhones: true });
  if (found === null) return { id, state: 'failed', reason: 'no path through the sound' };
  const { score, worstScore, beam } = found;
  if (score < MIN_SCORE[beam] || worstScore < MIN_WORD_SCORE) {
    const reason = `words do not fit the sound: mean ${score.toFixed(4)}, worst ${worstScore.toFixed(4)} (${beam})`;
    return { id, state: 'failed', reason };
  }
  return { id, state: 'aligned', words: found.words.map((word) => shift(word, startSec, endSec)) };
}

async function divideItem(item: SphinxItem, decoder: SphinxDecoder): Promise<SphinxOutcome> {
  const durationSec = item.endSec - item.startSec;
  const find = async (
    startSec: number,
    endSec: number,
    firstWord: number,
    wordCount: number,
    isWhole: boolean,
  ): Promise<TimedWord[] | null> => {
    const samples = await readMonoPcm16AsFloat(item.audioPath, startSec, endSec);
    const words = item.words.slice(firstWord, firstWord + wordCount);
    const found = await decode(decoder, { ...item, samples, words, isWhole, withPhones: false });
    process.stdout.write(`${formatProgress(item.id, (endSec - item.startSec) / durationSec)}\n`);
    return found === null ? null : found.words.map((word) => toTimedWord(shift(word, startSec, endSec)));
  };
  const stretches = await divide({ ...item, wordCount: item.words.length }, find);
  return { id: item.id, state: 'divided', stretches };
}

/** Narrow first: it is right and quick for nearly all speech. Wide for noisy speech, at the price of false hopes. */
async function decode(
  decoder: SphinxDecoder,
  request: DecodeRequest,
): Promise<(ReadWords & { readonly beam: Beam }) | null> {
  for (const beam of ['narrow', 'wide'] as const) {
    const found = await decoder.decode(request, beam);
    if (found !== null) return { ...found, beam };
  }
  return null;
}

/** From the start of the samples to that of the file, within the stretch that was asked for. */
function shift(word: SphinxWord, startSec: number, endSec: number): SphinxWord {
  const toFileSec = (sec: number): number => Math.min(endSec, Number((startSec + sec).toFixed(6)));
  return word.map(({ label, ...phone }) => ({
    label,
    startSec: toFileSec(phone.startSec),
    endSec: toFileSec(phone.endSec),
  }));
}

function toTimedWord(word: SphinxWord): TimedWord {
  return { startSec: word[0]?.startSec ?? 0, endSec: word.at(-1)?.endSec ?? 0 };
}

await main(process.argv[2] ?? '');
