import { toLogFields } from '../../base/errors.ts';
import { must } from '../../base/must.ts';
import { MIN_UTTERANCE_SEC, type Speech } from '../../engines/engine.ts';
import { groupRows, type PlacedWord, type Span } from '../../engines/stretches.ts';
import { linesOf } from '../../formats/tiers.ts';
import { buildLexicon } from '../../lexicon/merge.ts';
import { makeAudioDir, takesRate, writeMono } from '../prepare/mono-audio.ts';
import { type PreparedUtterance, type Recording, selectUtterances } from '../prepared.ts';
import type { Cutter } from '../resources.ts';
import type { StageContext } from '../stage.ts';
import { type Doubtful, type Found, type Run, runEngine, touched } from './engine-run.ts';
import type { WordInPlace } from './match.ts';
import { findSpokenGaps } from './spoken-gaps.ts';

/** A part of an utterance: some of its words and their time. An engine gets parts instead of the utterance. */
export interface Part extends PreparedUtterance {
  /** Places of its words within the whole utterance. */
  readonly places: readonly number[];
}

/** How an utterance can be cut. */
export interface Cut {
  /** In time order. */
  readonly parts: readonly Part[];
  /** Share of its words that are in one of them, 0 to 1. */
  readonly share: number;
  /** Parts whose boundaries are doubtful. */
  readonly doubtful: ReadonlyMap<PreparedUtterance, Doubtful>;
  /** Speech between them that is not in the text, in time order. */
  readonly unwritten: readonly Speech[];
}

/** Longer utterances are always cut: the time of a search and the cost of one mistake grow with the length. */
const LONG_SEC = 30;
/** If the cutter has found a smaller share of the words, the cutter itself may be wrong. */
const SURE_SHARE = 0.5;

export function isLong({ startSec, endSec }: PreparedUtterance): boolean {
  return endSec - startSec > LONG_SEC;
}

/** Whether an engine gets the parts at once, without a try with the whole utterance. */
export function isSure({ share }: Cut): boolean {
  return share >= SURE_SHARE;
}

export function isPart(utterance: PreparedUtterance): utterance is Part {
  return 'places' in utterance;
}

/** A longer pause beside words that were not found may hold speech: it belongs to no part. */
const MAX_PAUSE_SEC = 0.25;

/**
 * Has the cutter find the words of utterances in the audio, and cuts these at pauses, so that an engine that
 * must find all words of an utterance, or finds none, gets short ones with what is said in them.
 * @param recordings - with only the utterances to cut
 * @returns no entry for utterances that the cutter could not try: cutting is optional
 * @throws the reason of the signal alone
 */
export async function findCuts(
  cutter: Cutter,
  recordings: readonly Recording[],
  ctx: StageContext,
  run: Run,
): Promise<ReadonlyMap<PreparedUtterance, Cut>> {
  const cuts = new Map<PreparedUtterance, Cut>();
  if (recordings.length === 0) return cuts;
  try {
    const heard = await toHeard(cutter, recordings, ctx, run);
    const found = await runCutter(cutter, heard, ctx, run);
    for (const [recording, { id, utterances }] of heard.flatMap((one) =>
      one.tiers.map((tier) => [one, tier] as const),
    )) {
      const speeches = found.unwritten.get(id) ?? [];
      const doubts = found.doubts.get(id) ?? [];
      let next = 0;
      for (const utterance of utterances) {
        const first = next;
        while ((speeches[next]?.startSec ?? Number.POSITIVE_INFINITY) < utterance.endSec) next++;
        const words = found.words.get(utterance) ?? [];
        const own = speeches.slice(first, next);
        const gaps = await findSpokenGaps(utterance, words, own, recording);
        ctx.signal.throwIfAborted();
        const unsure = gaps.map((gap) => toPart(utterance, gap, range(gap.firstWord, gap.wordCount)));
        const parts = addParts(cutAt(utterance, words, own), unsure);
        const share = words.length / utterance.words.length;
        // If text and audio agree, a bad fit is due to the voice, and the engine has another model.
        const isMismatch = share < 1 || own.length > 0;
        cuts.set(utterance, {
          parts,
          share,
          doubtful: new Map([
            ...(isMismatch ? touched(parts, doubts) : []).map((one) => [one, 'fit'] as const),
            ...unsure.map((one) => [one, 'unheard'] as const),
          ]),
          unwritten: own,
        });
      }
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    ctx.log.warn('engine.not_cut', toLogFields(error));
  }
  return cuts;
}

/** The recordings, with each cut utterance replaced by its parts. */
export function applyCuts(
  recordings: readonly Recording[],
  cuts: ReadonlyMap<PreparedUtterance, Cut>,
): Recording[] {
  const toParts = (utterance: PreparedUtterance): readonly PreparedUtterance[] =>
    cuts.get(utterance)?.parts.filter(({ startSec, endSec }) => endSec - startSec >= MIN_UTTERANCE_SEC) ?? [
      utterance,
    ];
  const cut = recordings.map((recording) => ({
    ...recording,
    tiers: recording.tiers.map((tier) => ({ ...tier, utterances: tier.utterances.flatMap(toParts) })),
  }));
  // A tier may have no utterance left.
  return selectUtterances(cut, () => true);
}

/** The recordings in the form of the cutter's request. */
async function toHeard(
  { engine }: Cutter,
  recordings: readonly Recording[],
  ctx: StageContext,
  run: Run,
): Promise<Recording[]> {
  const dir = await makeAudioDir(ctx, run.name);
  const heard: Recording[] = [];
  for (const recording of recordings) {
    const isFit = takesRate(engine.audio, recording.monoRateHz);
    const mono = isFit ? {} : await writeMono(recording, engine.audio, dir, ctx.signal);
    heard.push({ ...recording, ...mono });
  }
  return heard;
}

async function runCutter(
  { engine, language }: Cutter,
  heard: readonly Recording[],
  ctx: StageContext,
  run: Run,
): Promise<Found> {
  const words = new Set(
    heard.flatMap(({ tiers }) => tiers.flatMap(({ utterances }) => utterances.flatMap((one) => one.words))),
  );
  const lexicon = await buildLexicon({ language, userDictionaryPath: null, suggested: [], words });
  return runEngine({ engine, language, lexicon }, heard, ctx, run);
}

/** @param words - in time order */
function cutAt(
  utterance: PreparedUtterance,
  words: readonly WordInPlace[],
  unwritten: readonly Speech[],
): Part[] {
  let first = 0;
  return groupRows(markBreaks(words), unwritten, utterance).map((span) => {
    const places = words.slice(first, first + span.wordCount).map(({ at }) => at);
    first += span.wordCount;
    return toPart(utterance, span, places);
  });
}

function toPart(utterance: PreparedUtterance, { startSec, endSec }: Span, places: readonly number[]): Part {
  const wordAt = (words: readonly string[], place: number): string =>
    must(words[place], `word ${place} of an utterance that has ${words.length}`);
  return {
    interval: utterance.interval,
    ...linesOf(utterance),
    startSec,
    endSec,
    places,
    words: places.map((place) => wordAt(utterance.words, place)),
    written: places.map((place) => wordAt(utterance.written, place)),
  };
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Parts reach a little beyond their words; the audio of a gap belongs to the words in it. */
function addParts(parts: readonly Part[], gaps: readonly Part[]): Part[] {
  const isGap = new Set(gaps);
  const firstOf = ({ places }: Part): number => must(places[0], 'the words of a part');
  const all = [...parts, ...gaps].sort((a, b) => firstOf(a) - firstOf(b));
  return all.map((part, index) => {
    if (isGap.has(part)) return part;
    const [before, after] = [all[index - 1], all[index + 1]];
    const startSec =
      before !== undefined && isGap.has(before) ? Math.max(part.startSec, before.endSec) : part.startSec;
    const endSec =
      after !== undefined && isGap.has(after) ? Math.min(part.endSec, after.startSec) : part.endSec;
    return { ...part, startSec, endSec };
  });
}

/** Numbers words so that a number is missing where other words may be spoken between two of them. */
function markBreaks(words: readonly WordInPlace[]): PlacedWord[] {
  let breakCount = 0;
  return words.map(({ at, startSec, endSec }, index) => {
    const before = words[index - 1];
    const isNext = before === undefined || at === before.at + 1;
    if (!isNext && startSec - before.endSec > MAX_PAUSE_SEC) breakCount += 1;
    return { at: index + breakCount, startSec, endSec };
  });
}
