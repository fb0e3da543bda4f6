import { toLogFields, toTaskError, type Warning } from '../../base/errors.ts';
import type { AlignedWord } from '../../engines/engine.ts';
import type { Span } from '../../engines/stretches.ts';
import { type Prepared, type PreparedUtterance, type Recording, selectUtterances } from '../prepared.ts';
import type { StageContext } from '../stage.ts';
import { addFound, assemble, type Pieces } from './assemble.ts';
import { applyCuts, isLong, isSure } from './cut.ts';
import { Cutting } from './cutting.ts';
import { type Found, NOTHING, type Run, runEngine } from './engine-run.ts';
import { describeDoubts, describeLost, findDoubts, refuseEmptyRecordings } from './losses.ts';
import { describeMismatches } from './mismatches.ts';
import { tryAgain } from './second-run.ts';

/** Shares of the whole task: done before the engine, after cutting, and after the engine. */
const PROGRESS = { start: 0.05, cut: 0.15, end: 0.95 };
/** The least time for a later start of the engine, even if the time of the task is up. */
const MIN_LEFT_SEC = 1;

export interface Aligned {
  readonly prepared: Prepared;
  /** All words of each utterance, or some with their places. An utterance that is missing here was not aligned. */
  readonly words: ReadonlyMap<PreparedUtterance, readonly AlignedWord[]>;
  /** Where words and phones may be wrong, by `PreparedTier.id`, in time order: the places of W_DOUBTFUL. */
  readonly doubtful: ReadonlyMap<string, readonly Span[]>;
  /** How many intervals another engine has cut for this one, and its name; null: none. */
  readonly cut: { readonly engine: string; readonly intervals: number } | null;
  /**
   * W_NOT_ALIGNED for each utterance and each row of words that is missing; W_DOUBTFUL for what may be wrong; W_NOT_SAID and
   * W_NOT_WRITTEN for each place where text and audio differ.
   */
  readonly warnings: readonly Warning[];
}

/**
 * Runs the engine once over the whole task and compares its output with the input, since an exit status proves nothing. Long
 * utterances are cut first if there is a cutter. What is missing is tried again in a second run if that can help, with a
 * wider search and each utterance, or part of one, as a speaker of its own. What is still missing is reported.
 * @throws TaskError E_NOT_ALIGNED when a whole recording came back empty and partial results are not allowed
 */
export async function align(prepared: Prepared, given: StageContext): Promise<Aligned> {
  const ctx = { ...given, report: neverFalling(given.report) };
  ctx.report({ stage: 'align', progress: PROGRESS.start, counts: prepared.counts });
  const { recordings } = prepared;
  const leftSec = countDown(ctx.limits.timeoutSec);
  const cutter = ctx.policy.cuts === 'never' ? null : prepared.cutter;
  const progress = { start: PROGRESS.start, end: PROGRESS.cut };
  const cutting = new Cutting({ cutter, task: prepared, ctx, leftSec, progress });
  await cutting.cut(selectUtterances(recordings, isLong));

  const pieces: Pieces = {
    cuts: new Map([...cutting.cuts].filter(([, { share }]) => share > 0)),
    words: new Map(),
    partial: new Set(),
    doubtful: new Map(),
    untried: new Set(),
  };
  const asked = applyCuts(recordings, new Map([...pieces.cuts].map(([one, { parts }]) => [one, parts])));
  const first = await runFirst(prepared, asked, ctx, cutting, {
    name: 'run1',
    timeoutSec: leftSec(),
    search: ctx.policy.search,
    poolsNames: ctx.policy.speakers === 'names',
    progress: { start: cutting.cuts.size > 0 ? PROGRESS.cut : PROGRESS.start, end: PROGRESS.end },
  });
  const doubtful = new Map([...pieces.cuts.values()].flatMap((one) => [...one.doubtful]));
  addFound(pieces, first, (one) => doubtful.get(one));
  for (const one of first.untried) pieces.untried.add(one);

  const fault = await tryAgain(prepared, { asked, untried: first.untried }, pieces, ctx, cutting, () => ({
    name: 'run2',
    timeoutSec: leftSec(),
    search: 'wide',
    poolsNames: false,
    progress: { start: PROGRESS.start, end: PROGRESS.end },
  }));
  const result = assemble(recordings, pieces, first.unwritten);
  const lost = selectUtterances(recordings, (utterance) => !result.words.has(utterance));
  refuseEmptyRecordings(lost, { prepared, result, policy: ctx.policy, fault });
  const cutCount = [...pieces.cuts.values()].filter((one) => isSure(one) || one.parts.length > 1).length;
  return {
    prepared,
    words: result.words,
    doubtful: new Map(
      recordings.flatMap(({ tiers }) =>
        tiers.map(
          (tier) => [tier.id, findDoubts(tier, pieces, first.doubts).map(({ place }) => place)] as const,
        ),
      ),
    ),
    cut: cutter === null || cutCount === 0 ? null : { engine: cutter.engine.name, intervals: cutCount },
    warnings: [
      ...lost.flatMap((recording) => describeLost(recording, { prepared, result })),
      ...recordings.flatMap((recording) => describeDoubts(recording, pieces, first.doubts)),
      ...recordings.flatMap((recording) => describeMismatches(recording, result, prepared.engine.name)),
    ],
  };
}

/** Each run reports its own progress from the beginning; the task's progress must not fall. */
function neverFalling(report: StageContext['report']): StageContext['report'] {
  let reached = 0;
  return ({ progress, ...rest }) => {
    reached = Math.max(reached, progress);
    report({ ...rest, progress: reached });
  };
}

/** The time left in whole seconds, rounded up. */
function countDown(timeoutSec: number): () => number {
  const startedMs = performance.now();
  return () => Math.max(MIN_LEFT_SEC, Math.ceil(timeoutSec - (performance.now() - startedMs) / 1000));
}

/**
 * Some engines fail when they can align nothing of a task, even if the only cause is words that are not said. If the cutter
 * then finds some of the words and not all, the task goes on to its second run.
 */
async function runFirst(
  prepared: Prepared,
  asked: readonly Recording[],
  ctx: StageContext,
  cutting: Cutting,
  run: Run,
): Promise<Found> {
  try {
    return await runEngine(prepared, asked, ctx, run);
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (toTaskError(error).code !== 'E_ENGINE_FAILED') throw error;
    await cutting.cut(asked);
    // A model of another language cannot tell whether words are said.
    if (
      prepared.cutter?.isForeign === true ||
      ![...cutting.cuts.values()].some(({ share }) => share > 0 && share < 1)
    )
      throw error;
    ctx.log.warn('engine.first_run_failed', toLogFields(error));
    return NOTHING;
  }
}
