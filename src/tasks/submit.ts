import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseColumnChoices } from '../base/column-choices.ts';
import { TaskError, throwFaults, type Warning } from '../base/errors.ts';
import { dictionaryName } from '../base/input-kinds.ts';
import { uploadPath } from '../base/site-layout.ts';
import { deleteUploadingTask, insertUploadingTask, markUploaded } from '../db/tasks.ts';
import type { Inspection } from '../pipeline/prepare/inspection.ts';
import { FileCounter } from '../pipeline/prepare/limits.ts';
import type { PairedFiles } from '../pipeline/prepare/pairs.ts';
import { chooseResources, type Resources } from '../pipeline/resources.ts';
import { policyOf } from '../pipeline/stage.ts';
import { copyReadable } from './copy-readable.ts';
import { gather } from './gather.ts';
import {
  assertDictionary,
  assertUser,
  chooseDictionary,
  commonDir,
  filesOf,
  type InputChoices,
} from './given-files.ts';
import {
  assertNotifyUrl,
  choiceColumns,
  inspectNewTask,
  type NewTaskChoices,
  type NewTaskServices,
} from './new-task.ts';
import { nameOfRecordings } from './task-name.ts';

export interface Submission extends InputChoices, NewTaskChoices {}

export interface Submitted {
  readonly taskId: string;
  readonly counts: Inspection['counts'];
  readonly warnings: readonly Warning[];
}

/**
 * Checks the files of a task as its worker would, copies them into the uploads folder and queues it. The originals are
 * only read. All faults that can be found are reported before anything is written.
 * @throws TaskError with all faults at once; the reason of `signal`, and then there is no task
 */
export async function submit(submission: Submission, services: NewTaskServices): Promise<Submitted> {
  assertUser(submission.user);
  assertPriority(submission);
  assertNotifyUrl(submission.notifyUrl, services.webhookOrigins);
  await assertDictionary(submission.userDictionaryPath);
  const resources = await chooseResources(submission, services.findLanguage, services.engines);
  const gathered = await gather(submission.paths);
  const counter = new FileCounter(services.taskLimits);
  const { userDictionaryPath } = submission;
  const own = filesOf({ ...gathered, tables: [] }).map((file) => file.path);
  await countFiles(counter, userDictionaryPath === null ? own : [...own, userDictionaryPath]);
  await using uploads = await services.uploads.open();
  const inspection = await inspectFiles(gathered, submission, resources, services, uploads.root);
  throwFaults([...gathered.faults, ...inspection.faults]);
  const inUse = new Set(inspection.pairs.map((pair) => path.resolve(uploads.root, pair.transcript.path)));
  const tables = gathered.tables.filter((table) => inUse.has(table.path));
  await countFiles(
    counter,
    tables.map((table) => table.path),
  );

  const taskId = randomUUID();
  const taskPath = uploadPath({ user_uuid: submission.user, task_id: taskId });
  const dir = path.join(uploads.root, taskPath);
  await insertUploadingTask(services.db, {
    task_id: taskId,
    user_uuid: submission.user,
    lang: resources.language.code,
    task_path: taskPath,
    no_of_files: inspection.counts.fileCount,
    size_bytes: inspection.counts.inputBytes,
    ...choiceColumns(submission),
    name: nameOfRecordings(inspection.pairs.map(({ name }) => name)),
  });
  try {
    await copyFiles({ ...gathered, tables }, submission, resources, dir, services.signal);
    await markUploaded(services.db, taskId);
  } catch (error) {
    // The cause that made copying fail may make this fail, too. The row must still be removed.
    await rm(dir, { recursive: true, force: true }).catch(() => undefined);
    await deleteUploadingTask(services.db, taskId);
    throw error;
  }
  const warnings = [...gathered.warnings, ...inspection.warnings];
  return { taskId, counts: inspection.counts, warnings };
}

/** @throws TaskError E_LIMIT like the worker, before files are read or copied */
async function countFiles(counter: FileCounter, paths: readonly string[]): Promise<void> {
  for (const filePath of paths) {
    // A missing file is reported when it is read.
    const found = await stat(filePath).catch(() => null);
    if (found !== null) counter.add(found.size);
  }
}

function assertPriority({ priority }: Submission): void {
  if (!Number.isInteger(priority) || Math.abs(priority) > 1000) {
    throw new TaskError('E_USAGE', `priority ${priority}: expected a whole number from -1000 to 1000`);
  }
}

async function inspectFiles(
  files: PairedFiles,
  submission: Submission,
  resources: Resources,
  services: NewTaskServices,
  uploadsDir: string,
): Promise<Inspection> {
  const dictionary = await chooseDictionary(uploadsDir, submission, resources.language);
  const options = {
    resources,
    policy: policyOf(services.policy, submission),
    columns: parseColumnChoices(submission.columns),
    dir: commonDir(filesOf(files)),
    uploadsDir,
    dictionary,
  };
  return await inspectNewTask(files, options, services);
}

async function copyFiles(
  files: PairedFiles,
  { userDictionaryPath }: Submission,
  { language }: Resources,
  dir: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const file of filesOf(files)) {
    const target = path.join(dir, file.relative);
    await mkdir(path.dirname(target), { recursive: true });
    signal.throwIfAborted();
    await copyReadable(file.path, target);
  }
  if (userDictionaryPath !== null) {
    await copyReadable(userDictionaryPath, path.join(dir, dictionaryName(language.code)));
  }
}
