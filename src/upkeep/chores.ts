import type { Log } from '../base/log.ts';
import { forgetOldActions } from '../db/actions.ts';
import { findUncleaned, noteAudioKept } from '../db/audio-removal.ts';
import { failTasksWithoutEngine, requeueTasksWithoutJob } from '../db/backlog.ts';
import type { Db } from '../db/connect.ts';
import { forgetDeliveries, giveUpDeliveries } from '../db/deliveries.ts';
import { learnTimes } from '../db/forecasts.ts';
import { findGoneInstances, findKnownInstances, forgetOldInstances, noteDeaths } from '../db/instances.ts';
import type { KeepTimes } from '../db/retention.ts';
import { MAX_ATTEMPTS } from '../deliveries/attempt.ts';
import type { Uploads } from '../host/uploads.ts';
import { forgetOldJobs, noteQueueFront } from '../queue/queue.ts';
import { removeOldLogs } from './log-retention.ts';
import { removeOrphanedWorkspaces } from './orphaned-workspaces.ts';
import { removeAudio } from './remove-audio.ts';
import { removeOutdated } from './retention.ts';
import { scanResults } from './scan-results.ts';
import { removeStaleResults } from './stale-results.ts';
import type { Chore } from './upkeep.ts';

const UNCLEANED_AT_ONCE = 20;
/** A chore with too much to do leaves the rest to its next run. */
const BATCHES_FOR_MS = 15_000;
const DAY_SEC = 86_400;
/** This chore starts from the beginning each time: with the usual limit it would never reach the rest. */
const SCAN_LIMIT_SEC = DAY_SEC / 2;
const INSTANCES_KEPT_DAYS = 7;
/** They record who did what. */
const ACTIONS_KEPT_DAYS = 365;
/** A worker that could send them may be away over a long weekend. */
const DELIVERIES_TRIED_DAYS = 7;
const DELIVERIES_KEPT_DAYS = 30;
const DELIVERIES_AT_ONCE = 10_000;
/** How long an instance on another machine must be silent: no outage of its database lasts longer. */
const GONE_AFTER_HOURS = 24;
/** Claims read past all jobs claimed since then: a few hundred at full speed. */
const NOTE_FRONT_EVERY_SEC = 15;
/** For work that is not urgent. There may be many logs. */
const SELDOM_TIMES = 10;

/** What the chores of an instance share. */
export interface ChoreContext {
  /** The connections of chores. */
  readonly db: Db;
  readonly log: Log;
  readonly uploads: Uploads;
  readonly uploadsDir: string;
  readonly logsDir: string;
  /** The engines of this instance, by name. */
  readonly engines: ReadonlyMap<string, unknown>;
  readonly engineWaitSec: number;
  readonly keep: KeepTimes;
  /** Delay before earlier results are removed. */
  readonly removalDelaySec: number;
  readonly audioDelaySec: number;
  /** 0: without limit. */
  readonly keepLogsSec: number;
}

/**
 * What instances do for each other.
 * @param everySec - how often most of them are due
 */
export function choresOf(context: ChoreContext, tempDir: string, everySec: number): Chore[] {
  const { db } = context;
  const forAll = (name: string, run: Chore['run']): Chore => ({ name, everySec, isForAll: true, run });
  const own = (name: string, run: Chore['run']): Chore => ({ name, everySec, isForAll: false, run });
  return [
    forAll('fail tasks without engine', () => failWithoutEngine(context)),
    forAll('queue tasks without job', (signal) => queueWithoutJob(context, signal)),
    forAll('remove sound', (signal) => inBatches(() => finishCleanups(context, signal))),
    forAll('remove stale results', (signal) => inBatches(() => removeStaleResults({ ...context, signal }))),
    {
      ...forAll('scan results', (signal) => scanResults(context, signal)),
      everySec: DAY_SEC,
      limitSec: SCAN_LIMIT_SEC,
    },
    forAll('remove files', (signal) => inBatches(() => removeFiles(context, signal))),
    { ...own('note the front of the queue', () => noteQueueFront(db)), everySec: NOTE_FRONT_EVERY_SEC },
    forAll('forget old jobs', () => forgetOldJobs(db)),
    forAll('learn times', () => learnTimes(db)),
    {
      ...forAll('forget instances', () => forgetOldInstances(db, INSTANCES_KEPT_DAYS)),
      everySec: everySec * SELDOM_TIMES,
    },
    {
      ...forAll('forget actions', () => forgetOldActions(db, ACTIONS_KEPT_DAYS)),
      everySec: everySec * SELDOM_TIMES,
    },
    forAll('give up deliveries', () => giveUp(context)),
    {
      ...forAll('forget deliveries', () =>
        inBatches(() => forgetDeliveries(db, DELIVERIES_KEPT_DAYS, DELIVERIES_AT_ONCE)),
      ),
      everySec: everySec * SELDOM_TIMES,
    },
    own('remove workspaces', () => removeWorkspaces(context, tempDir)),
    {
      ...own('remove logs', () => removeLogs(context)),
      everySec: everySec * SELDOM_TIMES,
    },
  ];
}

/** @param doBatch - says whether there may be more to do */
async function inBatches(doBatch: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + BATCHES_FOR_MS;
  while ((await doBatch()) && performance.now() < untilMs);
}

async function failWithoutEngine({ db, engines, engineWaitSec, log }: ChoreContext): Promise<void> {
  for (const taskId of await failTasksWithoutEngine(db, engineWaitSec, [...engines.keys()]))
    log.warn('task.without_engine', { taskId });
}

async function queueWithoutJob({ db, log }: ChoreContext, signal: AbortSignal): Promise<void> {
  const tasks = await requeueTasksWithoutJob(db, signal);
  if (tasks > 0) log.warn('task.requeued', { tasks });
}

async function finishCleanups(
  { db, log, audioDelaySec, uploads: folder }: ChoreContext,
  signal: AbortSignal,
): Promise<boolean> {
  const tasks = await findUncleaned(db, audioDelaySec, UNCLEANED_AT_ONCE);
  if (tasks.length === 0) return false;
  await using uploads = await folder.open();
  for (const task of tasks) {
    signal.throwIfAborted();
    try {
      if (await removeAudio(task, { db, uploads, log })) log.info('audio.removed', { taskId: task.task_id });
    } catch (error) {
      // The task comes after the others the next time. If the database is away, this statement fails and ends the
      // chore.
      log.error('audio.not_deleted', { taskId: task.task_id, error });
      await noteAudioKept(db, task);
    }
  }
  // Tasks whose audio could not be removed are not in the next batch: they have to wait.
  return tasks.length === UNCLEANED_AT_ONCE;
}

async function removeFiles(context: ChoreContext, signal: AbortSignal): Promise<boolean> {
  const removals = await removeOutdated({ ...context, signal });
  return removals.some(({ isOver }) => isOver);
}

async function removeWorkspaces({ db, log }: ChoreContext, tempDir: string): Promise<void> {
  const dead = await removeOrphanedWorkspaces(tempDir, {
    findOwn: (ids) => findKnownInstances(db, ids),
    noteDied: (deaths) => noteDeaths(db, deaths),
    findGone: async (ids) => {
      const gone = await findGoneInstances(db, ids, GONE_AFTER_HOURS);
      for (const id of gone) log.info('workspace.removing', { ofInstance: id });
      return gone;
    },
  });
  for (const id of dead) log.info('workspace.removed', { ofInstance: id });
}

async function giveUp({ db, log }: ChoreContext): Promise<void> {
  const given = await giveUpDeliveries(db, { afterDays: DELIVERIES_TRIED_DAYS, maxAttempts: MAX_ATTEMPTS });
  for (const { task_id: taskId, ...delivery } of given)
    log.error('delivery.given_up', { taskId, ...delivery });
}

async function removeLogs({ db, log, logsDir, keepLogsSec }: ChoreContext): Promise<void> {
  await removeOldLogs({ db, logsDir, keepSec: keepLogsSec, log });
}
