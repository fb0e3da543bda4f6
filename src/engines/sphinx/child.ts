import { openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { TaskError } from '../../base/errors.ts';
import { must } from '../../base/must.ts';
import { readMonoPcm16AsFloat } from '../../formats/wav-pcm.ts';
import { hasLoudGap } from '../loud-gaps.ts';
import { groupRows, type Span } from '../stretches.ts';
import { type Anchor, findAnchors } from './anchors.ts';
import { type Beam, createDecoder, type DecodeRequest, type SphinxDecoder } from './decoder.ts';
import { agrees, divide, type Followed, type Searched, type Window } from './divide.ts';
import { addEdges, removeEdges, withoutEdges } from './edges.ts';
import { canBeWide, gapMinScore, hasBadRow, isDoubtful, isSaidInGap, MIN_SCORE } from './fit.ts';
import { type ReadWords, summarize } from './grammar.ts';
import {
  formatProgress,
  SAMPLE_RATE_HZ,
  type SphinxItem,
  type SphinxJob,
  type SphinxOutcome,
  type Stretch,
  spanOf,
} from './job.ts';
import { addGaps, toPlaced, toStretches } from './stretches.ts';

/** If a search hears a smaller share of the words, it tells nothing about the text: there is much noise, or an unusual voice. */
const MIN_SEARCHED_SHARE = 0.2;
/** If a search misses fewer words and hears less other speech than this, a text that can be followed is right. */
const FEW_WORDS = 3;
const LITTLE_SEC = 1;
/** The last word of a gap is searched in so many last seconds, and must end within BESIDE_SEC of the end of the gap. */
const LAST_WORD_SEC = 1.5;
const BESIDE_SEC = 0.15;

/**
 * The program of the child processes. Its argument is the JSON file of a job. The decoder can end the process without an error
 * message, so each outcome is written before the next item begins. With a job without items, it only loads the model, for the
 * check of the engine.
 */
async function main(jobPath: string | undefined): Promise<void> {
  const job: SphinxJob = JSON.parse(await readFile(must(jobPath, 'the path of the job'), 'utf8'));
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
    const reason = `expected audio of ${SAMPLE_RATE_HZ} Hz, found ${sampleRateHz} Hz`;
    return { id, state: 'failed', reason };
  }
  try {
    return item.kind === 'divide' ? await divideItem(item, decoder) : await alignItem(item, decoder);
  } catch (error) {
    // If an audio file cannot be read, only its own items fail.
    if (error instanceof TaskError) return { id, state: 'failed', reason: error.message };
    throw error;
  }
}

async function alignItem(item: SphinxItem, decoder: SphinxDecoder): Promise<SphinxOutcome> {
  const { id, startSec, endSec } = item;
  const samples = await readSamples(item, startSec, endSec);
  const request = { ...item, samples, isWhole: true, withPhones: true };
  const narrow = await decode(decoder, request, 'narrow');
  const isGap = item.from === 'gap' || item.from === 'rest';
  let others: readonly Span[] = [];
  if ((item.from === 'text' || item.from === 'gap') && isSuspicious(narrow, request)) {
    const searched = await searchItem(item, samples, narrow, decoder);
    if (searched.stretches !== null)
      return { id, state: 'divided', ...searched, stretches: searched.stretches };
    others = searched.others;
  }
  // In clear speech, the words of a gap fit well or are not said: the wide beam, which takes four times as long, is of no use.
  const isHopeless = isGap && !canBeWide(item.minScore);
  const found = narrow ?? (isHopeless ? null : await decode(decoder, request, 'wide'));
  if (found !== null && (isGap ? isSaidInGap(found, item.minScore) : found.score >= MIN_SCORE)) {
    const doubt = isDoubtful(found) ? describe(found) : null;
    return { id, state: 'aligned', words: removeEdges(found.words, startSec, endSec), doubt, others };
  }
  const stretches = isGap ? await findLast(item, decoder) : [];
  if (stretches.length > 0) return { id, state: 'divided', stretches, others, minScore: item.minScore };
  const reason =
    found === null ? 'no path through the audio' : `the words do not fit the audio: ${describe(found)}`;
  return { id, state: 'failed', reason };
}

function isSuspicious(found: DecodedWords | null, { samples }: DecodeRequest): boolean {
  if (found === null || isDoubtful(found) || hasBadRow(found.scores)) return true;
  return hasLoudGap(samples, SAMPLE_RATE_HZ, found.words.map(spanOf), samples.length / SAMPLE_RATE_HZ);
}

interface SearchedItem {
  /** Null: the search confirms the text, or heard too little to judge it. */
  readonly stretches: readonly Stretch[] | null;
  readonly others: readonly Span[];
  readonly minScore: number;
}

async function searchItem(
  item: SphinxItem,
  samples: Float32Array,
  narrow: DecodedWords | null,
  decoder: SphinxDecoder,
): Promise<SearchedItem> {
  const { anchors, others } = await search(decoder, item, item, samples);
  const minScore = gapMinScore(anchors);
  const missingCount = item.words.length - anchors.length;
  if (anchors.length < MIN_SEARCHED_SHARE * item.words.length)
    return { stretches: null, others: [], minScore };
  const words = toPlaced(removeEdges(narrow?.words ?? [], item.startSec, item.endSec).map(spanOf), 0);
  if (missingCount === 0 && agrees(anchors, words)) return { stretches: null, others, minScore };
  const othersSec = others.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
  const areFew = missingCount < FEW_WORDS || (narrow !== null && !isDoubtful(narrow));
  if (narrow !== null && areFew && othersSec < LITTLE_SEC) return { stretches: null, others: [], minScore };
  const rows = toStretches(groupRows(anchors, others, item), 'search');
  const stretches = addGaps(rows, anchors, item.words.length, item);
  const last = stretches.map((one) => (one.from === 'gap' ? { ...one, from: 'rest' as const } : one));
  return { stretches: last, others, minScore };
}

/** Finds the last word of a gap whose other words are not said: a search often misses the first word after a break. */
async function findLast(item: SphinxItem, decoder: SphinxDecoder): Promise<Stretch[]> {
  const { endSec } = item;
  const startSec = Math.max(item.startSec, endSec - LAST_WORD_SEC);
  const firstWord = item.words.length - 1;
  if (firstWord === 0) return [];
  const samples = await readSamples(item, startSec, endSec);
  const words = item.words.slice(firstWord);
  const found = await decode(
    decoder,
    { ...item, samples, words, isWhole: true, withPhones: false },
    'narrow',
  );
  // Any audio fits a word without a known pronunciation.
  if (found === null || found.scores[0] === null || found.score < item.minScore) return [];
  const [word] = removeEdges(found.words, startSec, endSec).map(spanOf);
  if (word === undefined || endSec - word.endSec > BESIDE_SEC) return [];
  return [{ startSec: word.startSec, endSec, firstWord, wordCount: 1, from: 'rest' }];
}

function describe({ score, worstScore, beam }: DecodedWords): string {
  return `mean ${score.toFixed(4)}, worst ${worstScore.toFixed(4)}, ${beam}`;
}

async function divideItem(item: SphinxItem, decoder: SphinxDecoder): Promise<SphinxOutcome> {
  const durationSec = item.endSec - item.startSec;
  const heard: Anchor[] = [];
  const report = ({ endSec }: Window): void =>
    void process.stdout.write(`${formatProgress(item.id, (endSec - item.startSec) / durationSec)}\n`);
  const { stretches, others } = await divide(
    { ...item, wordCount: item.words.length },
    {
      follow: async (window, isWhole) => {
        const { startSec, endSec, firstWord, wordCount } = window;
        const samples = await readSamples(item, startSec, endSec);
        const words = item.words.slice(firstWord, firstWord + wordCount);
        const request = { ...item, samples, words, isWhole, withPhones: false };
        const found = await decode(decoder, request, 'narrow');
        report(window);
        return found === null ? null : toFollowed(found, request, window);
      },
      search: async (window) => {
        const samples = await readSamples(item, window.startSec, window.endSec);
        const searched = await search(decoder, item, window, samples);
        heard.push(...searched.anchors);
        report(window);
        return searched;
      },
    },
  );
  return { id: item.id, state: 'divided', stretches, others, minScore: gapMinScore(heard) };
}

function toFollowed(found: DecodedWords, { samples }: DecodeRequest, window: Span): Followed {
  const { startSec, endSec } = window;
  const words = removeEdges(found.words, startSec, endSec).map(spanOf);
  const raw = found.words.map(spanOf);
  return {
    words,
    isDoubtful: (untilSec) => {
      const scores = found.scores.filter(
        (_, at) => must(words[at], 'a word with a score').endSec <= untilSec,
      );
      if (isDoubtful({ ...summarize(scores), beam: found.beam }) || hasBadRow(scores)) return true;
      return hasLoudGap(samples, SAMPLE_RATE_HZ, raw, untilSec - startSec);
    },
  };
}

async function search(
  decoder: SphinxDecoder,
  item: SphinxItem,
  window: Span & Partial<Window>,
  samples: Float32Array,
): Promise<Searched> {
  const { startSec, endSec, firstWord = 0, wordCount = item.words.length } = window;
  const words = item.words.slice(firstWord, firstWord + wordCount);
  const heard = await decoder.search({ samples, words });
  const placed = heard.map((one) => ({ ...one, ...withoutEdges(one, startSec, endSec) }));
  const anchors = findAnchors(placed, words);
  const anchored = new Set(anchors.map(({ row }) => row));
  return {
    anchors: anchors.map((anchor) => ({ ...anchor, at: firstWord + anchor.at })),
    others: placed.filter((_, row) => !anchored.has(row)),
  };
}

async function readSamples(
  { audioPath }: SphinxItem,
  startSec: number,
  endSec: number,
): Promise<Float32Array> {
  return addEdges(await readMonoPcm16AsFloat(audioPath, startSec, endSec), SAMPLE_RATE_HZ);
}

type DecodedWords = ReadWords & { readonly beam: Beam };

/** A narrow beam is right and fast for nearly all speech. A wide one, for noisy speech, is slower and finds more wrong words. */
async function decode(
  decoder: SphinxDecoder,
  request: DecodeRequest,
  beam: Beam,
): Promise<DecodedWords | null> {
  const found = await decoder.decode(request, beam);
  return found === null ? null : { ...found, beam };
}

await main(process.argv[2]).catch((error: unknown) => {
  // Without this, Node would print the code of the decoder, one line of 200 kB, before the error.
  const { stack = '', message } = error instanceof Error ? error : new Error(String(error));
  // The user sees the last line.
  process.stderr.write(`${stack}\n${message}\n`);
  process.exit(1);
});
