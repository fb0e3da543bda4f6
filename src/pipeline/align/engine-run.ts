import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type InPieces, inTurns } from '../../base/pieces.ts';
import type { Search } from '../../base/site-policy.ts';
import type {
  AlignedTier,
  AlignmentFile,
  AlignmentRequest,
  Speech,
  Utterance,
} from '../../engines/engine.ts';
import type { Span } from '../../engines/stretches.ts';
import type { Pronunciation } from '../../lexicon/language.ts';
import type { Lexicon } from '../../lexicon/merge.ts';
import { type Prepared, type PreparedUtterance, type Recording, tiersIn } from '../prepared.ts';
import type { StageContext } from '../stage.ts';
import { inUserWords } from './engine-faults.ts';
import { matchUtterances, type WordInPlace } from './match.ts';

/**
 * Why an utterance, or a part of one, is doubtful: its words fit the audio badly, only the second run found it, or it came
 * back with too few or too many words.
 */
export type Doubtful = 'fit' | 'search' | 'partial';

/** The result of one start of an engine. */
export interface Found {
  readonly words: ReadonlyMap<PreparedUtterance, readonly WordInPlace[]>;
  /** Utterances that came back with too few or too many words. */
  readonly partial: ReadonlySet<PreparedUtterance>;
  readonly doubtful: ReadonlyMap<PreparedUtterance, Doubtful>;
  /** Stretches whose alignment the engine itself doubts, by tier, in time order. */
  readonly doubts: ReadonlyMap<string, readonly Span[]>;
  /** Utterances that the engine did not reach. */
  readonly untried: ReadonlySet<Utterance>;
  /** Speech that is not in the text, by tier, in time order. */
  readonly unwritten: ReadonlyMap<string, readonly Speech[]>;
}

export const NOTHING: Found = {
  words: new Map(),
  partial: new Set(),
  doubtful: new Map(),
  doubts: new Map(),
  untried: new Set(),
  unwritten: new Map(),
};

export interface Run {
  /** Name of its folder in the workspace, and in the log. */
  readonly name: string;
  readonly timeoutSec: number;
  readonly search: Search;
  /** Whether tiers of the same name in different recordings are one speaker. */
  readonly poolsNames: boolean;
  /** Shares of the whole task that are done before and after the run. */
  readonly progress: { readonly start: number; readonly end: number };
}

/** An engine with what it needs for a language. */
export interface Aligner extends Pick<Prepared, 'engine' | 'language'> {
  readonly lexicon: Pick<Lexicon, 'simple' | 'unknown'>;
  /** See `AlignmentRequest`. */
  readonly isForeign?: boolean;
}

/** Starts an engine once for all given utterances. Errors have the user's file names. */
export async function runEngine(
  { engine, language, lexicon, isForeign = false }: Aligner,
  recordings: readonly Recording[],
  ctx: StageContext,
  run: Run,
): Promise<Found> {
  const workDir = path.join(ctx.workspaceDir, run.name);
  await mkdir(workDir, { recursive: true });
  const request: AlignmentRequest = {
    language,
    pronunciations: [...lexicon.simple, ...pronounceUnknown(lexicon.unknown, engine.unknownPhone)],
    files: (run.poolsNames ? nameSpeakers(recordings) : recordings).flatMap(toFiles),
    search: run.search,
    isForeign,
  };
  const { start, end } = run.progress;
  const aligning = engine.align(request, {
    workDir,
    logPath: ctx.logPath,
    ...ctx.limits,
    timeoutSec: run.timeoutSec,
    signal: ctx.signal,
    report: (progress) => ctx.report({ stage: 'align', progress: start + progress * (end - start) }),
    onStart: (pid) => {
      ctx.log.info('engine.started', { engine: engine.name, pid, run: run.name });
      ctx.engineStarted?.(engine.name, pid);
    },
  });
  const tiers = await aligning.catch((error: unknown) => {
    throw inUserWords(error, recordings);
  });
  return inTurns(matchAll(recordings, tiers), ctx.signal);
}

function pronounceUnknown(unknown: readonly string[], phone: string | null): Pronunciation[] {
  return phone === null ? [] : unknown.map((word) => ({ word, phones: [phone] }));
}

/** A file for each audio of a recording that has tiers left. */
function toFiles(recording: Recording): AlignmentFile[] {
  const { durationSec } = recording.wav;
  return recording.audios.flatMap((audio) => {
    const tiers = tiersIn(audio, recording);
    const { id, monoPath, monoRateHz } = audio;
    return tiers.length === 0
      ? []
      : [{ id, audioPath: monoPath, sampleRateHz: monoRateHz, durationSec, tiers }];
  });
}

/**
 * Gives tiers of the same name in different recordings the same speaker. Of tiers with the same name in one recording only
 * the first gets it: a speaker says one word at a time.
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
  const words = new Map<PreparedUtterance, readonly WordInPlace[]>();
  const partial = new Set<PreparedUtterance>();
  const doubtful = new Map<PreparedUtterance, Doubtful>();
  const doubts = new Map<string, readonly Span[]>();
  const unwritten = new Map<string, readonly Speech[]>();
  for (const { id, utterances } of recordings.flatMap((recording) => recording.tiers)) {
    const aligned = byId.get(id);
    for (const utterance of matchUtterances(utterances, aligned?.words ?? [], words)) {
      partial.add(utterance);
      doubtful.set(utterance, 'partial');
    }
    unwritten.set(id, aligned?.unwritten ?? []);
    const inOrder = (aligned?.doubts ?? []).toSorted((a, b) => a.startSec - b.startSec);
    doubts.set(id, inOrder);
    for (const utterance of touched(utterances, inOrder)) {
      if (words.has(utterance)) doubtful.set(utterance, 'fit');
    }
    yield;
  }
  const untried = new Set(tiers.flatMap((tier) => tier.untried ?? []));
  return { words, partial, doubtful, doubts, untried, unwritten };
}

/**
 * The utterances that overlap a doubtful stretch; both lists in time order. One pass over each, because both may be
 * very long.
 */
export function touched(
  utterances: readonly PreparedUtterance[],
  inOrder: readonly Span[],
): PreparedUtterance[] {
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
