import type { Db } from '../db/connect.ts';
import type { Uploads } from '../host/uploads.ts';
import { findInputFiles } from '../pipeline/prepare/input-files.ts';
import { findUserDictionary } from '../pipeline/prepare/user-dictionary-file.ts';
import { chooseResources } from '../pipeline/resources.ts';
import { type Checked, type CheckServices, checkFiles } from './check.ts';
import { readDraftTask } from './drafts.ts';

export interface DraftCheckServices extends Omit<CheckServices, 'uploadsDir'> {
  readonly db: Db;
  readonly uploads: Uploads;
}

/**
 * Checks the files of a draft as `check` does, with the dictionary that its worker would use. Nothing is queued. Names
 * in the report are relative to the task.
 * @param rowId - `tasks.id`
 * @throws TaskError E_CONFLICT when it is not a draft; E_NO_FILES, E_LIMIT; what `chooseResources` says
 */
export async function checkDraft(rowId: string, services: DraftCheckServices): Promise<Checked> {
  const { task, channels } = await readDraftTask(services.db, rowId);
  const resources = await chooseResources(task, services.findLanguage, services.engines);
  await using uploads = await services.uploads.open();
  const uploadsDir = uploads.root;
  const paired = await findInputFiles(uploadsDir, task, services.taskLimits);
  const dictionary = await findUserDictionary(uploadsDir, task, resources.language);
  const { dir } = paired;
  const found = { paired, resources, dir, uploadsDir, dictionary, columns: task.columns ?? null, channels };
  return await checkFiles(found, { ...services, uploadsDir });
}
