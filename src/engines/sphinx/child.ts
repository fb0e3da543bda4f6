import { openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { TaskError } from '../../base/errors.ts';
import { readMonoPcm16AsFloat } from '../../formats/wav-pcm.ts';
import { type Beam, createDecoder, type DecodeRequest, type SphinxDecoder } from './decoder.ts';
import { divide, type TimedWord } from './divide.ts';
import { addEdges, removeEdges } from './edges.ts';
import type { ReadWords } from './grammar.ts';
import {
  formatProgress,
  SAMPLE_RATE_HZ,
  type SphinxItem,
  type SphinxJob,
  type SphinxOutcome,
  type SphinxWord,
} from './job.ts';

/**
 * Below these, the words may not be what is said; far below, they are not. Measured on synthetic speech, clean and with
 * noise down to 5 dB. Right texts gave means from -0.0035 (narrow) and -0.004 (wide) in English, -0.0053 and -0.0068
 * in French; texts of other sentences at best -0.0054 (mostly there is no narrow path) and -0.0056, noise -0.0051.
 * The two overlap, so what lies between is given back with a doubt: a wrong text has to be looked at by its author
 * anyhow, while a right one that was thrown away is work lost.
 */
const DOUBT_SCORE: Readonly<Record<Beam, number>> = { narrow: -0.0053, wide: -0.0046 };
const MIN_SCORE = -0.008;
/** The same for the worst word: words that are not said at the end of a right text, say, half of which are below. */
const DOUBT_WORD_SCORE: Readonly<Record<Beam, number>> = { narrow: -0.013, wide: -0.011 };

/**
 * The program of the engine's child processes: works off a job (first argument: its JSON file). The decoder can end its
 * process without a word, so each outcome is on disk before the next item begins. A job without items loads the model and ends:
 * the engine's check.
 */
async function main(jobPath: string): Promise<void> {
  const job: SphinxJob = JSON.parse(await readFile(jobPath, 'utf8'));
  const outcomeFile = openSync(job.outcomePath, 'a');
  const write = (outcome: SphinxOutcome): void => void writeSync(outcomeFile, `${JSON.stringify(outcome)}\n`);
  const decoder = await createDecoder(job.modelDir, job);
  for (const item of job.items) {
    write({ id: item.id, state: 'begun' });
    write(await work(item, decoder));
    process.stdout.write(`${formatProgress(item.id, 1)}\n`);
  }
}

async function work(item: SphinxItem, decoder: SphinxDecoder): Promise<SphinxOutcome> {
  const { id, sampleRateHz } = item;
  if (sampleRateHz !== SAMPLE_RATE_HZ) {
    const reason = `expected sound of ${SAMPLE_RATE_HZ} Hz, found ${sampleRateHz} Hz`;
    return { id, state: 'failed', reason };
  }
  try {
    return item.kind === 'divide' ? await divideItem(item, decoder) : await alignItem(item, decoder);
  } catch (error) {
    // A sound file that cannot be read costs its own items only.
    if (error instanceof TaskError) return { id, state: 'failed', reason: error.message };
    throw error;
  }
}

async function alignItem(item: SphinxItem, decoder: SphinxDecoder): Promise<SphinxOutcome> {
  const { id, words, startSec, endSec } = item;
  const samples = addEdges(await readMonoPcm16AsFloat(item.audioPath, startSec, endSec), SAMPLE_RATE_HZ);
  const found = await decode(decoder, { ...item, samples, words, isWhole: true, withPhones: true });
  if (found === null) return { id, state: 'failed', reason: 'no path through the sound' };
  const { score, worstScore, beam } = found;
  const scores = `mean ${score.toFixed(4)}, worst ${worstScore.toFixed(4)}, ${beam}`;
  if (score < MIN_SCORE) return { id, state: 'failed', reason: `the words do not fit the sound: ${scores}` };
  const isDoubtful = score < DOUBT_SCORE[beam] || worstScore < DOUBT_WORD_SCORE[beam];
  return {
    id,
    state: 'aligned',
    words: removeEdges(found.words, startSec, endSec),
    doubt: isDoubtful ? scores : null,
  };
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
    const samples = addEdges(await readMonoPcm16AsFloat(item.audioPath, startSec, endSec), SAMPLE_RATE_HZ);
    const words = item.words.slice(firstWord, firstWord + wordCount);
    const found = await decode(decoder, { ...item, samples, words, isWhole, withPhones: false });
    process.stdout.write(`${formatProgress(item.id, (endSec - item.startSec) / durationSec)}\n`);
    return found === null ? null : removeEdges(found.words, startSec, endSec).map(toTimedWord);
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

function toTimedWord(word: SphinxWord): TimedWord {
  return { startSec: word[0]?.startSec ?? 0, endSec: word.at(-1)?.endSec ?? 0 };
}

await main(process.argv[2] ?? '').catch((error: unknown) => {
  // Left to itself, Node would print the whole decoder, which is one line of 200 kB, before the error.
  const { stack = '', message } = error instanceof Error ? error : new Error(String(error));
  // The last line is what the user is told.
  process.stderr.write(`${stack}\n${message}\n`);
  process.exit(1);
});
