import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseChannels } from '../base/channels.ts';
import { parseColumnChoices } from '../base/column-choices.ts';
import { TaskError, throwFaults, type Warning } from '../base/errors.ts';
import { makeTemporaryDir } from '../base/make-folder.ts';
import { uploadPath } from '../base/site-layout.ts';
import type { SitePolicy } from '../base/site-policy.ts';
import type { TaskLimits } from '../base/task-limits.ts';
import type { Db } from '../db/connect.ts';
import { insertDraft, queueUnchangedDraft, readDraft } from '../db/drafts.ts';
import type { Engine } from '../engines/engine.ts';
import type { Uploads } from '../host/uploads.ts';
import type { FindLanguage } from '../lexicon/language.ts';
import type { DecodeAudio } from '../pipeline/prepare/decode-audio.ts';
import { findInputFiles } from '../pipeline/prepare/input-files.ts';
import { inspect } from '../pipeline/prepare/inspect.ts';
import { findUserDictionary } from '../pipeline/prepare/user-dictionary-file.ts';
import { chooseResources } from '../pipeline/resources.ts';
import { policyOf, type TaskChoices, type TaskInput } from '../pipeline/stage.ts';
import { removeUnfinished } from './draft-files.ts';
import { assertUser, DECODE_LIMIT_SEC } from './given-files.ts';
import { nameOfRecordings, storableName } from './task-name.ts';

/** A draft is a task whose files are still being given: its row has the status `uploading`. */
export interface DraftChoices extends TaskChoices {
  readonly user: string;
  readonly lang: string;
  /** Null: the language's. */
  readonly engine: string | null;
  readonly priority: number;
  /** Which columns of tables are what, as `parseColumnChoices` reads it; null: their names say it. */
  readonly columns: string | null;
  /** Null: it is named after its recordings when it is queued. */
  readonly name: string | null;
  /** The same key of the same user means the same draft, however often it is asked for; null: a new one. */
  readonly key: string | null;
}

export interface DraftServices {
  readonly db: Db;
  readonly uploads: Uploads;
  readonly findLanguage: FindLanguage;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly policy: SitePolicy;
  readonly taskLimits: TaskLimits;
  readonly decodeAudio: DecodeAudio;
  readonly signal: AbortSignal;
}

/**
 * Makes a task without files.
 * @returns its id
 * @throws TaskError E_LANGUAGE_UNKNOWN, E_LANGUAGE_BROKEN, E_ENGINE_UNKNOWN, E_COLUMNS, E_USAGE
 */
export async function createDraft(choices: DraftChoices, services: DraftServices): Promise<string> {
  const { user, key, name } = choices;
  assertUser(user);
  parseColumnChoices(choices.columns);
  const { language } = await chooseResources(choices, services.findLanguage, services.engines);
  const taskId = key === null ? randomUUID() : idOfKey(user, key);
  await insertDraft(services.db, {
    task_id: taskId,
    user_uuid: user,
    lang: language.code,
    engine: choices.engine,
    priority: choices.priority,
    task_path: uploadPath({ user_uuid: user, task_id: taskId }),
    no_of_files: 0,
    size_bytes: 0,
    partial_results: choices.partialResults ?? null,
    speakers: choices.speakers ?? 'tiers',
    search: choices.search ?? null,
    channels: choices.channels ?? null,
    formats: choices.formats?.join(',') ?? null,
    columns: choices.columns,
    name: name === null ? null : storableName(name),
  });
  return taskId;
}

/** Whoever asks again after a lost answer gets the task that was made then. */
function idOfKey(user: string, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([user, key]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * Checks the files of a draft as its worker would, and queues it.
 * @param rowId - `tasks.id`
 * @throws TaskError with all faults at once; E_CONFLICT when it is no draft, or its files change meanwhile
 */
export async function queueDraft(rowId: string, services: DraftServices): Promise<readonly Warning[]> {
  const { db, taskLimits } = services;
  const { draft, task, channels } = await readDraftTask(db, rowId);
  await using uploads = await services.uploads.open();
  const files = await findInputFiles(uploads.root, task, taskLimits);
  const policy = policyOf(services.policy, { channels });
  const inspection = await inspectDraft(task, files, { ...services, policy }, uploads.root);
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

/** A draft, with what a worker would get of it. @throws TaskError E_CONFLICT when it is no draft */
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

async function inspectDraft(
  task: TaskInput,
  files: Awaited<ReturnType<typeof findInputFiles>>,
  { findLanguage, engines, policy, taskLimits, decodeAudio, signal }: DraftServices,
  root: string,
) {
  const resources = await chooseResources(task, findLanguage, engines);
  const dictionary = await findUserDictionary(root, task, resources.language);
  const scratchDir = await makeTemporaryDir('autophon-queue-');
  try {
    const place = {
      scratchDir,
      logPath: path.join(scratchDir, 'log'),
      timeoutSec: DECODE_LIMIT_SEC,
      signal,
    };
    return await inspect(files, {
      resources,
      policy,
      taskLimits,
      dir: files.dir,
      uploadsDir: root,
      dictionary,
      columns: parseColumnChoices(task.columns ?? null),
      decodeAudio,
      place,
    });
  } finally {
    await rm(scratchDir, { recursive: true, force: true });
  }
}
