import { createHash, randomUUID } from 'node:crypto';
import { parseChannels } from '../base/channels.ts';
import { parseColumnChoices } from '../base/column-choices.ts';
import { TaskError, throwFaults, type Warning } from '../base/errors.ts';
import { uploadPath } from '../base/site-layout.ts';
import type { Db } from '../db/connect.ts';
import { insertDraft, queueUnchangedDraft, readDraft, readRequestHash } from '../db/drafts.ts';
import { findInputFiles } from '../pipeline/prepare/input-files.ts';
import { findUserDictionary } from '../pipeline/prepare/user-dictionary-file.ts';
import { chooseResources } from '../pipeline/resources.ts';
import { policyOf, type TaskInput } from '../pipeline/stage.ts';
import { removeUnfinished } from './draft-files.ts';
import { assertUser } from './given-files.ts';
import {
  assertNotifyUrl,
  choiceColumns,
  inspectNewTask,
  type NewTaskChoices,
  type NewTaskServices,
} from './new-task.ts';
import { nameOfRecordings, storableName } from './task-name.ts';

/** A draft is a task whose files are still being given: its row has the status `uploading`. */
export interface DraftChoices extends NewTaskChoices {
  readonly user: string;
  readonly lang: string;
  /** Null: it is named after its recordings when it is queued. */
  readonly name: string | null;
  /** The same key of the same user means the same draft, however often it is sent; null: a new one. */
  readonly key: string | null;
}

/**
 * Makes a task without files, or finds the one that the same request with this key has made.
 * @returns its id; null: the key is that of another request
 * @throws TaskError E_LANGUAGE_UNKNOWN, E_LANGUAGE_BROKEN, E_ENGINE_UNKNOWN, E_COLUMNS, E_USAGE; E_CONFLICT when the task
 *   that had the key is deleted meanwhile
 */
export async function createDraft(choices: DraftChoices, services: NewTaskServices): Promise<string | null> {
  const { user, key, name } = choices;
  assertUser(user);
  parseColumnChoices(choices.columns);
  assertNotifyUrl(choices.notifyUrl, services.webhookOrigins);
  const { language } = await chooseResources(choices, services.findLanguage, services.engines);
  const taskId = key === null ? randomUUID() : idOfKey(user, key);
  const requestHash = key === null ? null : hashOfRequest(choices);
  const task = {
    task_id: taskId,
    user_uuid: user,
    lang: language.code,
    task_path: uploadPath({ user_uuid: user, task_id: taskId }),
    no_of_files: 0,
    size_bytes: 0,
    ...choiceColumns(choices),
    name: name === null ? null : storableName(name),
  };
  if (await insertDraft(services.db, task, requestHash)) return taskId;
  const former = await readRequestHash(services.db, taskId);
  if (former === undefined) throw new TaskError('E_CONFLICT', 'the task of this key has just been deleted');
  // Null: an earlier version made it, which stored no hash.
  return former === null || former === requestHash ? taskId : null;
}

/** A choice of nothing counts as left out, because a later version has more choices. */
function hashOfRequest(choices: DraftChoices): string {
  const { lang, name } = choices;
  const asked = Object.entries({ lang, name, ...choiceColumns(choices) }).filter(
    ([, value]) => value !== null,
  );
  return createHash('sha256')
    .update(JSON.stringify(asked.sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
}

/** A client that repeats a request after a lost answer gets the task of the first request. */
function idOfKey(user: string, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([user, key]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * Checks the files of a draft as its worker would, and queues it.
 * @param rowId - `tasks.id`
 * @param assertMayQueue - throws if the client does not want to queue this version of the row
 * @throws TaskError with all faults at once; E_CONFLICT when it is not a draft, or its files change meanwhile
 */
export async function queueDraft(
  rowId: string,
  services: NewTaskServices,
  assertMayQueue: (version: string) => void = () => undefined,
): Promise<readonly Warning[]> {
  const { db, taskLimits } = services;
  const { draft, task, channels } = await readDraftTask(db, rowId);
  // It is queued only if it does not change from here on.
  assertMayQueue(draft.version);
  await using uploads = await services.uploads.open();
  const files = await findInputFiles(uploads.root, task, taskLimits);
  const resources = await chooseResources(task, services.findLanguage, services.engines);
  const dictionary = await findUserDictionary(uploads.root, task, resources.language);
  const options = {
    resources,
    policy: policyOf(services.policy, { channels }),
    columns: parseColumnChoices(draft.columns),
    dir: files.dir,
    uploadsDir: uploads.root,
    dictionary,
  };
  const inspection = await inspectNewTask(files, options, services);
  throwFaults([...files.faults, ...inspection.faults]);
  const counts = {
    no_of_files: inspection.counts.fileCount,
    size_bytes: inspection.counts.inputBytes,
    name: draft.name ?? nameOfRecordings(inspection.pairs.map(({ name }) => name)),
  };
  if (!(await queueUnchangedDraft(db, draft, counts))) {
    throw new TaskError(
      'E_CONFLICT',
      'the files of the task were changed while they were checked; queue it again when all are there',
    );
  }
  await removeUnfinished(uploads.root, task.taskPath);
  return [...files.warnings, ...inspection.warnings];
}

/**
 * A draft, with the files and options that a worker would get.
 * @throws TaskError E_CONFLICT when it is not a draft
 */
export async function readDraftTask(db: Db, rowId: string) {
  const draft = await readDraft(db, rowId);
  if (draft === undefined || draft.lang === null || draft.task_path === null) throw notADraft();
  const task: TaskInput = {
    taskId: draft.task_id,
    userUuid: draft.user_uuid,
    lang: draft.lang,
    engine: draft.engine,
    taskPath: draft.task_path,
    columns: draft.columns,
  };
  return { draft, task, channels: draft.channels === null ? null : parseChannels(draft.channels) };
}

export function notADraft(): TaskError {
  return new TaskError(
    'E_CONFLICT',
    'the task is queued already, or gone: its files can no longer be changed. Make a new task for other files.',
  );
}
