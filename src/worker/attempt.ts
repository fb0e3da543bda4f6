import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseChannels } from '../base/channels.ts';
import { type ErrorCode, TaskError, toLogFields, toTaskError } from '../base/errors.ts';
import { findOwnFolder } from '../base/inside.ts';
import type { Log } from '../base/log.ts';
import { parseResultFormats } from '../base/result-kinds.ts';
import { attemptLogPath, attemptName, resultsPath, suggestionsPath } from '../base/site-layout.ts';
import { type AttemptRow, readTaskState } from '../db/attempts.ts';
import type { OpenUploads } from '../host/uploads.ts';
import { makeWorkspace, type Workspace } from '../host/workspace.ts';
import { adoptEarlierResult, mayAdopt } from '../pipeline/package/adopt.ts';
import type { Packaged } from '../pipeline/package/package.ts';
import { publishSuggestions } from '../pipeline/package/suggestions.ts';
import { runPipeline } from '../pipeline/run.ts';
import { policyOf, type StageContext } from '../pipeline/stage.ts';
import { removeAudio } from '../upkeep/remove-audio.ts';
import type { Claim } from './claim.ts';
import type { AttemptContext } from './context.ts';
import { crashedTooOften } from './crashes.ts';
import { eventsOf } from './events.ts';
import { type AttemptResult, decideFate, type Fate } from './outcome.ts';
import { ProgressWriter } from './progress.ts';
import { settle } from './settle.ts';
import { SOLO_START_SEC } from './solo-run.ts';

const ALONE_NOTE = 'handed back: its worker died too often; next it runs in a process of its own';

/**
 * Runs one claimed task from its first stage to its one terminal write. Never throws: every outcome of the attempt is
 * a fate, and if a fate cannot be written, the lease ends the attempt.
 * @returns `alone` for a task that was put back, to be run in a process of its own
 */
export async function runAttempt(claim: Claim, context: AttemptContext): Promise<Fate['kind'] | 'alone'> {
  const { task, lease } = claim;
  const attempt = eventsOf(task);
  const log = logOf(task, context);
  const startedAtMs = performance.now();
  // Before anything else, since a worker that dies from now on has died in this attempt.
  const workspace = await makeWorkspace(context.workspacesDir, attemptName(task)).catch(toTaskError);
  context.events.emit({
    ...attempt,
    kind: 'started',
    lang: task.lang,
    engine: task.engine,
    attempt: task.attempts,
    waitedSec: waitedSec(task.queued_at),
  });
  let fate: Fate = { kind: 'lost', reason: 'not settled' };
  let isForSolo = false;
  try {
    isForSolo = !context.isSolo && task.crashes > 0 && task.crashes === context.crashLimit - 1;
    if (task.crashes >= context.crashLimit) fate = crashedTooOften(task);
    else if (isForSolo) fate = { kind: 'handed back', note: ALONE_NOTE, delaySec: SOLO_START_SEC };
    else fate = await workAndDecide(claim, context, workspace);
    if (!(await settle(fate, claim, context)) && fate.kind !== 'lost') {
      fate = { kind: 'lost', reason: 'its end was refused: the task is not ours any more' };
    }
    isForSolo &&= fate.kind === 'handed back';
    if (fate.kind === 'completed') {
      await afterCompletion(fate.packaged, claim, context, log).catch((error: unknown) =>
        log.warn('task.cleanup_deferred', { error }),
      );
    }
  } catch (thrown) {
    isForSolo = false;
    fate = await settleAsInternal(thrown, claim, context, log);
  } finally {
    if (!(workspace instanceof TaskError)) await workspace.remove();
    lease.release();
    const seconds = round((performance.now() - startedAtMs) / 1000);
    context.events.emit({
      ...attempt,
      kind: 'ended',
      fate: fate.kind,
      seconds,
      code: codeOf(fate),
      audioSec: fate.kind === 'completed' ? fate.packaged.counts.audioSec : null,
      details: why(fate),
    });
    if (fate.kind === 'lost') log.info('task.is_now', { isNow: await describeNow(context, task.id) });
  }
  return isForSolo ? 'alone' : fate.kind;
}

/** If the end cannot be written with its texts, a plain end is written: the task must not wait for its lease. */
async function settleAsInternal(
  thrown: unknown,
  claim: Claim,
  context: AttemptContext,
  log: Log,
): Promise<Fate> {
  const lost: Fate = { kind: 'lost', reason: 'its end could not be written; its lease will end it' };
  if (thrown instanceof TaskError && thrown.code === 'E_STOPPED') {
    log.error('task.end_left_to_lease', { error: thrown });
    return lost;
  }
  log.error('task.end_refused', { error: thrown });
  const { code = 'no code' } = thrown as { code?: string };
  const error = new TaskError(
    'E_INTERNAL',
    `the end of the attempt could not be written (${code}): a fault of the program, not of the input. ` +
      `The log of the worker has more; "autophon retry ${claim.task.task_id}" tries again.`,
  );
  const fate: Fate = { kind: 'failed', error };
  try {
    return (await settle(fate, claim, context)) ? fate : lost;
  } catch (again) {
    log.error('task.plain_end_refused', { error: again });
    return lost;
  }
}

async function workAndDecide(
  claim: Claim,
  context: AttemptContext,
  workspace: Workspace | TaskError,
): Promise<Fate> {
  const { task } = claim;
  const result =
    workspace instanceof TaskError ? { error: workspace } : await work(claim, context, workspace.path);
  if ('error' in result && result.error.code === 'E_ENGINE_MISSING' && task.engine !== null) {
    context.rotation.takeOut(task.engine, result.error.message);
  }
  return decideFate(result, { attemptsUsed: task.attempts - task.takeovers }, context.retry);
}

/**
 * The four stages, in a workspace of the attempt. Files that the attempt leaves among the results are removed after the
 * task has ended.
 */
async function work(claim: Claim, context: AttemptContext, workspaceDir: string): Promise<AttemptResult> {
  const { task, lease } = claim;
  const log = logOf(task, context);
  const progress = new ProgressWriter(context.db, task, lease, { log, events: context.events });
  try {
    // The folder is held open, so that a disk that is unmounted meanwhile does not look like an empty one.
    await using uploads = await context.uploads.open();
    const logPath = path.join(context.logsDir, attemptLogPath(task));
    await mkdir(path.dirname(logPath), { recursive: true });
    // A result folder that does not belong to the user is found before the engine runs.
    await findOwnFolder(uploads.root, resultsPath(task));
    const stageContext = makeStageContext(claim, context, {
      uploads,
      workspaceDir,
      logPath,
      log,
      report: (report) => progress.report(report),
      engineStarted: (engine, pid) => context.events.emit({ ...eventsOf(task), kind: 'engine', engine, pid }),
    });
    return { packaged: await runOrAdopt(stageContext, claim) };
  } catch (thrown) {
    // After an abort the stage may throw any error; the reason of the abort is what counts.
    const reason: unknown = lease.signal.aborted ? lease.signal.reason : thrown;
    return { error: reason instanceof TaskError ? reason : toTaskError(thrown) };
  } finally {
    await progress.close();
  }
}

/**
 * Audio that is gone was deleted by a worker that had completed the task, if the database has forgotten that since (a
 * failover to a server that lagged behind): its result is still there, and becomes that of this attempt.
 */
async function runOrAdopt(context: StageContext, { task }: Claim): Promise<Packaged> {
  try {
    return await runPipeline(context);
  } catch (error) {
    if (!(error instanceof TaskError) || !mayAdopt(error)) throw error;
    const packaged = await adoptEarlierResult(context, resultsPath(task), `${task.id}.`);
    if (packaged === null) throw error;
    context.log.warn('result.adopted', {
      result: packaged.downloadPath,
    });
    return packaged;
  }
}

interface Places extends Pick<StageContext, 'workspaceDir' | 'logPath' | 'log' | 'report' | 'engineStarted'> {
  readonly uploads: OpenUploads;
}

function makeStageContext({ task, lease }: Claim, context: AttemptContext, places: Places): StageContext {
  const { uploads, ...rest } = places;
  return {
    task: {
      taskId: task.task_id,
      userUuid: task.user_uuid,
      lang: task.lang,
      engine: task.engine,
      taskPath: task.task_path,
      columns: task.columns,
    },
    uploadsDir: uploads.root,
    outputDir: path.join(uploads.root, resultsPath(task), attemptName(task)),
    findLanguage: context.findLanguage,
    decodeAudio: context.decodeAudio,
    engines: context.engines,
    engineVersion: (name) => context.rotation.version(name),
    policy: policyOf(context.policy, {
      partialResults: task.partial_results,
      speakers: task.speakers,
      search: task.search,
      channels: task.channels === null ? null : parseChannels(task.channels),
      formats: task.formats === null ? null : parseResultFormats(task.formats),
    }),
    pictures: context.pictures,
    limits: context.limits,
    taskLimits: context.taskLimits,
    signal: lease.signal,
    ...rest,
  };
}

/**
 * What follows the completing commit, and may be done again by any instance: suggestions are published, the audio is
 * deleted.
 */
async function afterCompletion(
  { suggestions }: Packaged,
  { task }: Claim,
  context: AttemptContext,
  log: Log,
): Promise<void> {
  context.events.emit({ ...eventsOf(task), kind: 'stage', stage: 'cleanup' });
  await using uploads = await context.uploads.open();
  // The chore that may finish this cleanup has no suggestions.
  if (suggestions !== null)
    await publishSuggestions(uploads.root, suggestionsPath(task), suggestions).catch((error: unknown) =>
      log.warn('words.not_written', { error }),
    );
  // Otherwise a chore does it, when the commit has had time to reach a standby.
  if (context.audioDelaySec === 0) await removeAudio(task, { db: context.db, uploads, log });
}

/** Logs what became of a lost task, so that readers of this log know where it went. */
async function describeNow({ db }: AttemptContext, rowId: string): Promise<string> {
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
      return toLogFields(fate.error);
    case 'retry':
      return { ...toLogFields(fate.error), delaySec: fate.delaySec };
    case 'handed back':
      return { note: fate.note };
    case 'lost':
      return { reason: fate.reason };
  }
}

function logOf({ task_id: taskId, fence, trace: { traceId } }: AttemptRow, { log }: AttemptContext): Log {
  return log.with({ taskId, fence, traceId });
}

function codeOf(fate: Fate): ErrorCode | null {
  if (fate.kind === 'completed') return null;
  return 'error' in fate ? fate.error.code : (fate.code ?? null);
}

function waitedSec(queuedAt: Date | null): number | undefined {
  return queuedAt === null ? undefined : round((Date.now() - queuedAt.getTime()) / 1000);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
