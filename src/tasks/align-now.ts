import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { TaskError, type Warning } from '../base/errors.ts';
import { must } from '../base/must.ts';
import { findListedTask, type ListedTask } from '../db/task-list.ts';
import { deleteTask } from '../db/tasks.ts';
import { parseFileName } from './draft-files.ts';
import { createDraft, type DraftChoices, queueDraft } from './drafts.ts';
import type { NewTaskServices } from './new-task.ts';
import type { FileReceiver } from './receive-file.ts';
import { waitForTasks } from './wait.ts';
import { findWaitReason, NO_WORKER, type Workforce } from './wait-reason.ts';

/** Always a new task, because there is no key. */
export type NowChoices = Omit<DraftChoices, 'key'>;

/** The engine of a task's language, and the workers that may run it. */
export interface WantedEngine {
  readonly engine: string;
  readonly workforce: Workforce;
}

export interface NowFile {
  /** Name within the task. */
  readonly name: string;
  /** Its path on the disk. */
  readonly path: string;
}

export interface AlignedTask {
  /** The task after its end. */
  readonly task: ListedTask;
  readonly warnings: readonly Warning[];
}

/** A task that was queued with its files. */
export interface QueuedNow {
  readonly taskId: string;
  readonly warnings: readonly Warning[];
}

export interface NowServices {
  readonly drafts: NewTaskServices;
  readonly receiver: FileReceiver;
  /** Runs work that needs much of the machine, when its turn comes. */
  readonly inTurn: <T>(act: () => Promise<T>) => Promise<T>;
}

/**
 * Makes a task of files, queues it, and waits for its end. If it cannot be queued, it is deleted again. If `signal`
 * ends the waiting, the task goes on.
 * @throws TaskError with all faults; E_CONFLICT when no worker would take it, or it is deleted; the reason of `signal`
 */
export async function alignNow(
  choices: NowChoices,
  { engine, workforce }: WantedEngine,
  files: readonly NowFile[],
  services: NowServices,
  signal: AbortSignal,
): Promise<AlignedTask> {
  const { db } = services.drafts;
  const reason = findWaitReason(engine, workforce);
  if (reason !== null) throw new TaskError('E_CONFLICT', reason === NO_WORKER ? reason : noneReady(engine));
  const { taskId, warnings } = await queueNow(choices, files, services, signal);
  await waitForTasks(db, [taskId], { signal, onSnapshot: () => undefined, onDatabaseAway: () => undefined });
  signal.throwIfAborted();
  const task = await findListedTask(db, taskId);
  if (task === undefined) throw new TaskError('E_CONFLICT', 'the task was deleted before it ended');
  return { task, warnings };
}

/**
 * Makes a task of files, and queues it. If it cannot be queued, it is deleted again.
 * @throws TaskError with all faults
 */
export async function queueNow(
  choices: NowChoices,
  files: readonly NowFile[],
  { drafts, receiver, inTurn }: NowServices,
  signal: AbortSignal,
): Promise<QueuedNow> {
  const { db } = drafts;
  const taskId = must(await createDraft({ ...choices, key: null }, drafts), 'a task without a key');
  try {
    const { id } = must(await findListedTask(db, taskId), 'a draft that was just made');
    for (const { name, path } of files) {
      const { size } = await stat(path);
      const part = { offset: 0, bytes: size, total: size };
      await receiver.receive(id, parseFileName(name), part, createReadStream(path));
    }
    return { taskId, warnings: await inTurn(() => queueDraft(id, { ...drafts, signal })) };
  } catch (error) {
    await deleteTask(db, taskId);
    throw error;
  }
}

/** The reasons why workers do not take a task name machines and folders, which users must not see. */
function noneReady(engine: string): string {
  return `no worker that runs now can align with ${engine}; try again later. For the operator: "autophon status" says why`;
}
