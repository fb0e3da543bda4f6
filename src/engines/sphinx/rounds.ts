import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EngineContext } from '../engine.ts';
import { type ProcessResult, runProcess } from '../process/run-process.ts';
import { type ChildSettings, childCommand } from './child-command.ts';
import { parseProgress, readOutcomes, type SphinxJob, type SphinxOutcome } from './job.ts';
import { shareOut, type WorkItem } from './plan.ts';

export interface Round {
  readonly outcomes: readonly SphinxOutcome[];
  /** How the child processes ended. */
  readonly results: readonly ProcessResult[];
}

/** What is the same for the child processes of all rounds. */
export interface RoundSettings extends ChildSettings {
  readonly context: EngineContext;
  readonly job: Pick<SphinxJob, 'modelDir' | 'words' | 'loopPhones'>;
}

const MIN_LEFT_SEC = 0.001;

/**
 * Makes a function that runs one round: child processes that process items in parallel. All rounds together have the time limit of
 * the run. The function throws what `runProcess` throws, after all child processes of the round have ended.
 * @param totalSec - the sum of `shareSec` and `laterSec` at the beginning, for the progress
 */
export function createRounds(
  settings: RoundSettings,
  totalSec: number,
): (items: readonly WorkItem[]) => Promise<Round> {
  const { context } = settings;
  const deadlineMs = performance.now() + context.timeoutSec * 1000;
  let childCount = 0;
  let reported = 0;
  return async (items) => {
    const leftSec = items.reduce((sum, { shareSec, laterSec }) => sum + shareSec + laterSec, 0);
    const report = trackItems(items, (doneSec) => {
      // After a crash, a round begins with less progress than was reported before.
      reported = Math.max(reported, Math.min(1, (totalSec - leftSec + doneSec) / totalSec));
      context.report(reported, 'aligning');
    });
    const stop = new AbortController();
    const signal = AbortSignal.any([context.signal, stop.signal]);
    const timeoutSec = Math.max(MIN_LEFT_SEC, (deadlineMs - performance.now()) / 1000);
    const children = shareOut(items, context.coreCount).map(async (share) => {
      childCount += 1;
      try {
        return await runChild(settings, share, childCount, { ...context, signal, timeoutSec }, report);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    });
    const ended = await Promise.allSettled(children);
    signal.throwIfAborted();
    const rounds = ended.flatMap((child) => (child.status === 'fulfilled' ? [child.value] : []));
    return {
      outcomes: rounds.flatMap(({ outcomes }) => outcomes),
      results: rounds.flatMap(({ results }) => results),
    };
  };
}

async function runChild(
  settings: RoundSettings,
  items: readonly WorkItem[],
  number: number,
  context: EngineContext,
  report: (line: string) => void,
): Promise<Round> {
  const jobPath = path.join(context.workDir, `job-${number}.json`);
  const outcomePath = path.join(context.workDir, `outcome-${number}.jsonl`);
  await writeFile(jobPath, JSON.stringify({ ...settings.job, outcomePath, items } satisfies SphinxJob));
  const result = await runProcess({
    ...context,
    name: 'SPHINX',
    ...childCommand(settings, jobPath, context.workDir),
    onLine: report,
  });
  return { outcomes: await readOutcomes(outcomePath), results: [result] };
}

/** Reads the progress in the output of child processes. @param onChange - gets the seconds of audio that are done */
function trackItems(items: readonly WorkItem[], onChange: (doneSec: number) => void): (line: string) => void {
  const shares = new Map(items.map(({ id, shareSec }) => [id, shareSec]));
  const doneSec = new Map<number, number>();
  return (line) => {
    const progress = parseProgress(line);
    if (progress === null) return;
    doneSec.set(progress.id, progress.share * (shares.get(progress.id) ?? 0));
    onChange([...doneSec.values()].reduce((sum, sec) => sum + sec, 0));
  };
}
