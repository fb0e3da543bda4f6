import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { TaskError, toTaskError } from '../base/errors.ts';
import { findOwnFolder } from '../base/inside.ts';
import type { Log } from '../base/log.ts';
import { isReborn, readTaskState } from '../db/attempts.ts';
import { runPipeline } from '../pipeline/run.ts';
import type { StageContext } from '../pipeline/stage.ts';
import { publishSuggestions } from '../pipeline/suggestions.ts';
import { attemptLogName } from './attempt-log.ts';
import type { Claim } from './claim.ts';
import type { WorkerContext } from './context.ts';
import { decideFate, type Ending, type Fate } from './outcome.ts';
import { ProgressWriter } from './progress.ts';
import { removeSound } from './remove-sound.ts';
import { resultDirs } from './results.ts';
import { settle } from './settle.ts';
import { makeWorkspace } from './workspace.ts';

/**
 * Runs one claimed task from its first stage to its one terminal write. Never throws: whatever happens to the
 * attempt is its fate, and what cannot even be written is left to the lease.
 */
export async function runAttempt(claim: Claim, context: WorkerContext): Promise<Fate['kind']> {
  const { task, lease } = claim;
  const log = context.log.with({ taskId: task.task_id, fence: task.fence });
  const startedAtMs = performance.now();
  log.info('task started', { lang: task.lang, attempt: task.attempts, waitedSec: waitedSec(task.queued_at) });
  context.statistics.taskStarted();
  let fate: Fate = { kind: 'lost', reason: 'not settled' };
  try {
    const ending = await work(claim, context);
    if ('error' in ending && ending.error.code === 'E_ENGINE_MISSING' && task.engine !== null) {
      context.rotation.takeOut(task.engine, ending.error.message);
    }
    fate = decideFate(ending, { attemptsUsed: task.attempts - task.crashes }, context.retry);
    if (!(await settle(fate, claim, context)) && fate.kind !== 'lost') {
      fate = { kind: 'lost', reason: 'its end was refused: the task is not ours any more' };
    }
    await afterwards(fate, claim, context, log).catch((error: unknown) =>
      log.warn('cleanup not finished; a later sweep does it', { error }),
    );
  } catch (thrown) {
    log.error('attempt could not be settled; its lease will end it', { error: thrown });
  } finally {
    lease.release();
    context.statistics.taskEnded(fate.kind);
    log.info(`task ${fate.kind}`, {
      seconds: round((performance.now() - startedAtMs) / 1000),
      ...why(fate),
      ...(fate.kind === 'lost' ? { isNow: await describeNow(context, task.id) } : {}),
    });
  }
  return fate.kind;
}

/** The four stages in a workspace of their own. */
async function work(claim: Claim, context: WorkerContext): Promise<Ending> {
  const { task, lease } = claim;
  const log = context.log.with({ taskId: task.task_id, fence: task.fence });
  const progress = new ProgressWriter(context.db, task, lease, log);
  try {
    await using workspace = await makeWorkspace(context.workspacesDir);
    const logPath = path.join(context.logsDir, attemptLogName(task));
    await mkdir(path.dirname(logPath), { recursive: true });
    // A deleted task of the same name may have left one, which may hold words of somebody else.
    await rm(logPath, { force: true });
    // A place for the result that is not the user's own is found before the engine runs, and not by it.
    await findOwnFolder(context.uploadsDir, `${task.user_uuid}/otp/${task.task_id}`);
    const stageContext: StageContext = {
      task: {
        taskId: task.task_id,
        userUuid: task.user_uuid,
        lang: task.lang ?? '',
        engine: task.engine,
        taskPath: task.task_path ?? '',
      },
      uploadsDir: context.uploadsDir,
      outputDir: resultDirs(context.uploadsDir, task).ofAttempt,
      workspaceDir: workspace.path,
      logPath,
      findLanguage: context.findLanguage,
      decodeAudio: context.decodeAudio,
      engines: context.engines,
      engineVersion: (name) => context.rotation.version(name),
      policy: {
        unknownWords: context.policy.unknownWords,
        partialResults: task.partial_results ?? context.policy.partialResults,
        speakers: task.speakers,
      },
      limits: context.limits,
      taskLimits: context.taskLimits,
      signal: lease.signal,
      log,
      report: (report) => progress.report(report),
    };
    return { packaged: await runPipeline(stageContext) };
  } catch (thrown) {
    // An abort reaches us as whatever the stage was doing when it came; the reason is what counts.
    const reason: unknown = lease.signal.aborted ? lease.signal.reason : thrown;
    return { error: reason instanceof TaskError ? reason : toTaskError(thrown) };
  } finally {
    await progress.close();
  }
}

/** What follows the terminal write and may be done again by anybody: sound and stale results go, suggestions come. */
async function afterwards(fate: Fate, { task }: Claim, context: WorkerContext, log: Log): Promise<void> {
  const results = resultDirs(context.uploadsDir, task);
  if (fate.kind !== 'lost') await results.removeEarlier();
  if (fate.kind !== 'completed') {
    // What lies there may be the result of a task that was made anew under the name of this one.
    if (fate.kind === 'lost' && (await isReborn(context.db, task))) return;
    await results.removeOwn();
    return;
  }
  log.info('stage started', { stage: 'cleanup' });
  const { suggestions } = fate.packaged;
  // A sweep that finishes for us does not know them.
  if (suggestions !== null)
    await publishSuggestions(context.uploadsDir, task.user_uuid, task.task_id, suggestions).catch(
      (error: unknown) => log.warn('suggested pronunciations not written', { error }),
    );
  const sound = fate.packaged.files.filter(({ kind }) => kind === 'audio').map((file) => file.path);
  await removeSound(task, sound, { ...context, log });
}

/** What became of a task that we lost: a person who reads the log wants to know where it went. */
async function describeNow({ db }: WorkerContext, rowId: string): Promise<string> {
  try {
    const state = await readTaskState(db, rowId);
    if (state === null) return 'deleted';
    const { status, fence, instance } = state;
    return status === 'processing' ? `processing, fence ${fence}, instance ${instance}` : status;
  } catch {
    return 'unknown: the database is away';
  }
}

function why(fate: Fate): Record<string, unknown> {
  switch (fate.kind) {
    case 'completed':
      return { words: fate.packaged.counts.wordCount, warnings: fate.packaged.warnings.length };
    case 'failed':
      return { code: fate.error.code, error: fate.error };
    case 'retry':
      return { code: fate.error.code, error: fate.error, delaySec: fate.delaySec };
    case 'handed back':
      return { note: fate.note };
    case 'lost':
      return { reason: fate.reason };
  }
}

function waitedSec(queuedAt: Date | null): number | undefined {
  return queuedAt === null ? undefined : round((Date.now() - queuedAt.getTime()) / 1000);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
