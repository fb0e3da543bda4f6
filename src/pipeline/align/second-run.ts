import { type TaskError, toLogFields, toTaskError } from '../../base/errors.ts';
import type { Utterance } from '../../engines/engine.ts';
import {
  type Prepared,
  type PreparedTier,
  type PreparedUtterance,
  type Recording,
  selectUtterances,
} from '../prepared.ts';
import type { StageContext } from '../stage.ts';
import { addFound, type Pieces } from './assemble.ts';
import { applyCuts, isLong, isSure, replaceLost } from './cut.ts';
import type { Cutting } from './cutting.ts';
import { type Found, type Run, runEngine } from './engine-run.ts';
import { countUtterances } from './losses.ts';
import type { Part } from './parts.ts';

export interface FirstRun {
  /** What the engine was given. */
  readonly asked: readonly Recording[];
  readonly untried: Found['untried'];
}

/**
 * Tries again what the first run lost: with a wider search, cut if that was not tried before, each utterance or part as a
 * speaker of its own. A long utterance of which the cutter found nothing is not tried again: it could take as long as all
 * others.
 * @param pieces - receives what comes back
 * @returns why the run failed; null: it did not
 * @throws that error when the first run found nothing either; the reason of the signal
 */
export async function tryAgain(
  prepared: Prepared,
  first: FirstRun,
  pieces: Pieces,
  ctx: StageContext,
  cutting: Cutting,
  makeRun: () => Run,
): Promise<TaskError | null> {
  const isHopeless = (one: PreparedUtterance) => isLong(one) && cutting.cuts.get(one)?.share === 0;
  const rest = selectUtterances(
    first.asked,
    (one) =>
      first.untried.has(one) || ((!pieces.words.has(one) || pieces.partial.has(one)) && !isHopeless(one)),
  );
  if (rest.length === 0 || prepared.engine.isDeterministic === true) return null;
  ctx.log.warn('engine.second_run', { intervals: countUtterances(rest) });
  // Utterances that the engine has not reached may need no cut.
  const lost = selectUtterances(rest, (one) => !pieces.words.has(one) && !first.untried.has(one));
  await cutting.cut(lost);
  const instead = takeCuts(utterancesOf(lost), pieces, cutting);
  try {
    const alone = applyCuts(rest, instead).map((recording) => setApart(recording, first.untried));
    const again = await runEngine(prepared, alone, ctx, makeRun());
    addFound(pieces, again, (one) => (first.untried.has(one) ? undefined : 'search'));
    for (const one of utterancesOf(alone)) if (!again.untried.has(one)) pieces.untried.delete(one);
    return null;
  } catch (error) {
    // The result of the first run is good: a second run that fails on the rest must not lose it.
    if (ctx.signal.aborted || pieces.words.size === 0) throw error;
    ctx.log.warn('engine.second_run_failed', toLogFields(error));
    return toTaskError(error);
  }
}

/**
 * Adds to `pieces` the cuts of lost utterances that the cutter is sure of, and the spares of lost parts.
 * @returns by lost utterance or part, the parts to try in its place
 */
function takeCuts(
  lost: readonly PreparedUtterance[],
  pieces: Pieces,
  cutting: Cutting,
): ReadonlyMap<PreparedUtterance, readonly Part[]> {
  const instead = new Map<PreparedUtterance, readonly Part[]>();
  for (const one of lost) {
    const cut = cutting.cuts.get(one);
    if (cut === undefined || !isSure(cut) || pieces.cuts.has(one)) continue;
    pieces.cuts.set(one, cut);
    instead.set(one, cut.parts);
  }
  const isLost = new Set(lost);
  for (const [utterance, cut] of pieces.cuts) {
    for (const [part, { parts }] of cut.spares) if (isLost.has(part)) instead.set(part, parts);
    pieces.cuts.set(
      utterance,
      replaceLost(cut, (part) => isLost.has(part)),
    );
  }
  return instead;
}

function utterancesOf(recordings: readonly Recording[]): PreparedUtterance[] {
  return recordings.flatMap(({ tiers }) => tiers.flatMap(({ utterances }) => utterances));
}

/**
 * Makes each utterance a tier, and so a speaker, of its own: an utterance at which the engine fails then cannot affect the
 * others. Those that no run has reached go first, those that failed before go last.
 */
function setApart(recording: Recording, untried: ReadonlySet<Utterance>): Recording {
  const alone = recording.tiers.flatMap((tier) =>
    tier.utterances.map((utterance, index) => ({
      ...tier,
      id: `${tier.id}i${index + 1}`,
      utterances: [utterance],
    })),
  );
  const isUntried = ({ utterances: [utterance] }: PreparedTier): boolean =>
    utterance !== undefined && untried.has(utterance);
  return { ...recording, tiers: [...alone.filter(isUntried), ...alone.filter((tier) => !isUntried(tier))] };
}
