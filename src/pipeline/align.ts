import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type TaskError, toLogFields, toTaskError, type Warning } from '../base/errors.ts';
import { type InPieces, inTurns } from '../base/pieces.ts';
import type {
  AlignedTier,
  AlignedWord,
  AlignmentFile,
  AlignmentRequest,
  Search,
  Speech,
  Utterance,
} from '../engines/engine.ts';
import type { Pronunciation } from '../lexicon/language.ts';
import { inUserWords } from './engine-faults.ts';
import {
  countUtterances,
  type Doubtful,
  describeDoubts,
  describeLost,
  refuseEmptyRecordings,
} from './losses.ts';
import { matchUtterances } from './match.ts';
import { describeMisfits } from './misfits.ts';
import type { Prepared, PreparedTier, PreparedUtterance, Recording } from './prepared.ts';
import type { StageContext } from './stage.ts';

/** Share of the whole task that is done before and after the engine. */
const PROGRESS = { start: 0.05, end: 0.95 };
/** For a second run, however late it is. */
const MIN_LEFT_SEC = 1;

export interface Aligned {
  readonly prepared: Prepared;
  /**
   * What was found for each utterance: all of its words, or some, which then have their places; an utterance that is
   * missing here was not aligned.
   */
  readonly words: ReadonlyMap<PreparedUtterance, readonly AlignedWord[]>;
  /**
   * W_NOT_ALIGNED for each utterance that is missing, W_DOUBTFUL for each that the engine has doubts about, W_NOT_SAID and
   * W_NOT_WRITTEN for each place where text and sound differ.
   */
  readonly warnings: readonly Warning[];
}

/**
 * Runs the engine over the whole task in one start and holds its output against the input, since an exit status
 * proves nothing. All that is missing is tried again in a second start, where that can help, with a wider search and each
 * interval as a speaker of its own, then reported.
 * @throws TaskError E_NOT_ALIGNED when a whole recording came back empty and partial results are not allowed
 */
export async function align(prepared: Prepared, ctx: StageContext): Promise<Aligned> {
  ctx.report({ stage: 'align', progress: PROGRESS.start, counts: prepared.counts });
  const { timeoutSec } = ctx.limits;
  const startedMs = performance.now();
  const { search } = ctx.policy;
  const first = await runEngine(prepared, prepared.recordings, ctx, { number: 1, timeoutSec, search });
  const { words, doubtful, unwritten } = first;
  let fault: TaskError | null = null;
  const rest = without(prepared.recordings, words);
  if (rest.length > 0 && prepared.engine.isDeterministic !== true) {
    ctx.log.warn('engine.second_run', { intervals: countUtterances(rest) });
    try {
      const leftSec = Math.floor(timeoutSec - (performance.now() - startedMs) / 1000);
      const limitSec = Math.max(MIN_LEFT_SEC, leftSec);
      const alone = rest.map((recording) => setApart(recording, first.untried));
      const again = await runEngine(prepared, alone, ctx, {
        number: 2,
        timeoutSec: limitSec,
        search: 'wide',
      });
      for (const [utterance, found] of again.words) {
        words.set(utterance, found);
        const doubt = again.doubtful.get(utterance) ?? (first.untried.has(utterance) ? null : 'search');
        if (doubt !== null) doubtful.set(utterance, doubt);
      }
    } catch (error) {
      // The first run's result is good: a second that dies on the difficult rest must not cost it.
      if (ctx.signal.aborted || words.size === 0) throw error;
      fault = toTaskError(error);
      ctx.log.warn('engine.second_run_failed', toLogFields(error));
    }
  }
  const lost = without(prepared.recordings, words);
  refuseEmptyRecordings(lost, { prepared, policy: ctx.policy, fault });
  const doubts = prepared.recordings.flatMap((recording) => describeDoubts(recording, doubtful));
  return {
    prepared,
    words,
    warnings: [
      ...lost.flatMap((recording) => describeLost(recording, prepared)),
      ...doubts,
      ...prepared.recordings.flatMap((recording) => describeMisfits(recording, words, unwritten)),
    ],
  };
}

/** What one start of the engine brought. */
interface Found {
  readonly words: Map<PreparedUtterance, readonly AlignedWord[]>;
  readonly doubtful: Map<PreparedUtterance, Doubtful>;
  /** What it did not come to. */
  readonly untried: ReadonlySet<Utterance>;
  /** Speech that is not in the text, by tier, in time order. */
  readonly unwritten: Map<string, readonly Speech[]>;
}

interface Run {
  /** Counted from 1. */
  readonly number: number;
  readonly timeoutSec: number;
  readonly search: Search;
}

/** One start of the engine for all that is asked. Errors name files as the user does. */
async function runEngine(
  { engine, language, lexicon }: Prepared,
  recordings: readonly Recording[],
  ctx: StageContext,
  run: Run,
): Promise<Found> {
  const workDir = path.join(ctx.workspaceDir, `run${run.number}`);
  await mkdir(workDir, { recursive: true });
  const request: AlignmentRequest = {
    language,
    pronunciations: [...lexicon.simple, ...pronounceUnknown(lexicon.unknown, engine.unknownPhone)],
    files: (ctx.policy.speakers === 'names' && run.number === 1 ? nameSpeakers(recordings) : recordings).map(
      toFile,
    ),
    search: run.search,
  };
  const aligning = engine.align(request, {
    workDir,
    logPath: ctx.logPath,
    ...ctx.limits,
    timeoutSec: run.timeoutSec,
    signal: ctx.signal,
    report: (progress) =>
      ctx.report({ stage: 'align', progress: PROGRESS.start + progress * (PROGRESS.end - PROGRESS.start) }),
    onStart: (pid) => ctx.log.info('engine.started', { engine: engine.name, pid, run: run.number }),
  });
  const tiers = await aligning.catch((error: unknown) => {
    throw inUserWords(error, recordings);
  });
  return inTurns(matchAll(recordings, tiers), ctx.signal);
}

function pronounceUnknown(unknown: readonly string[], phone: string | null): Pronunciation[] {
  return phone === null ? [] : unknown.map((word) => ({ word, phones: [phone] }));
}

function toFile({ id, monoPath, monoRateHz, wav, tiers }: Recording): AlignmentFile {
  return { id, audioPath: monoPath, sampleRateHz: monoRateHz, durationSec: wav.durationSec, tiers };
}

/**
 * Gives tiers of the same name in different recordings the same speaker. Two of one name in one recording are two people
 * after all: nobody speaks over himself.
 */
function nameSpeakers(recordings: readonly Recording[]): Recording[] {
  const speakers = new Map<string, string>();
  return recordings.map((recording) => {
    const isTaken = new Set<string>();
    const tiers = recording.tiers.map((tier) => {
      const name = tier.name.trim().normalize('NFC');
      if (name === '' || isTaken.has(name)) return tier;
      isTaken.add(name);
      const speaker = speakers.get(name) ?? `p${speakers.size + 1}`;
      speakers.set(name, speaker);
      return { ...tier, speaker };
    });
    return { ...recording, tiers };
  });
}

function* matchAll(recordings: readonly Recording[], tiers: readonly AlignedTier[]): InPieces<Found> {
  const byId = new Map(tiers.map((tier) => [tier.tierId, tier]));
  const words = new Map<PreparedUtterance, readonly AlignedWord[]>();
  const doubtful = new Map<PreparedUtterance, Doubtful>();
  const unwritten = new Map<string, readonly Speech[]>();
  for (const { id, utterances } of recordings.flatMap((recording) => recording.tiers)) {
    const aligned = byId.get(id);
    matchUtterances(utterances, aligned?.words ?? [], words);
    unwritten.set(id, aligned?.unwritten ?? []);
    for (const utterance of touched(utterances, aligned?.doubts ?? [])) {
      if (words.has(utterance)) doubtful.set(utterance, 'fit');
    }
    yield;
  }
  const untried = new Set(tiers.flatMap((tier) => tier.untried ?? []));
  return { words, doubtful, untried, unwritten };
}

/** The utterances, in time order, that a stretch of doubt reaches into. One pass over each: both may be very many. */
function touched(
  utterances: readonly PreparedUtterance[],
  doubts: readonly { readonly startSec: number; readonly endSec: number }[],
): PreparedUtterance[] {
  const inOrder = doubts.toSorted((a, b) => a.startSec - b.startSec);
  let next = 0;
  let reachedSec = Number.NEGATIVE_INFINITY;
  return utterances.filter((utterance) => {
    for (let doubt = inOrder[next]; doubt !== undefined && doubt.startSec < utterance.endSec; ) {
      reachedSec = Math.max(reachedSec, doubt.endSec);
      doubt = inOrder[++next];
    }
    return reachedSec > utterance.startSec;
  });
}

/** The recordings, cut down to the utterances that have no words yet. */
function without(
  recordings: readonly Recording[],
  words: ReadonlyMap<PreparedUtterance, readonly AlignedWord[]>,
): Recording[] {
  return recordings
    .map((recording) => ({
      ...recording,
      tiers: recording.tiers
        .map((tier) => ({
          ...tier,
          utterances: tier.utterances.filter((utterance) => !words.has(utterance)),
        }))
        .filter((tier) => tier.utterances.length > 0),
    }))
    .filter((recording) => recording.tiers.length > 0);
}

/**
 * Each utterance as a tier, and thereby a speaker, of its own: one that an engine is lost at cannot spoil what it
 * learns of a voice, nor take others with it. What no start has come to goes first, what is known to be bad last.
 */
function setApart(recording: Recording, untried: ReadonlySet<Utterance>): Recording {
  const alone = recording.tiers.flatMap((tier) =>
    tier.utterances.map((utterance) => ({
      ...tier,
      id: `${tier.id}i${utterance.interval}`,
      utterances: [utterance],
    })),
  );
  const isUntried = ({ utterances: [utterance] }: PreparedTier): boolean =>
    utterance !== undefined && untried.has(utterance);
  return { ...recording, tiers: [...alone.filter(isUntried), ...alone.filter((tier) => !isUntried(tier))] };
}
