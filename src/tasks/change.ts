import { parseColumnChoices } from '../base/column-choices.ts';
import { TaskError } from '../base/errors.ts';
import type { Db } from '../db/connect.ts';
import { changeTask, type DraftChanges } from '../db/drafts.ts';
import type { Engine } from '../engines/engine.ts';
import type { FindLanguage } from '../lexicon/language.ts';
import { chooseResources } from '../pipeline/resources.ts';
import { assertNotifyUrl } from './new-task.ts';
import { storableName } from './task-name.ts';

export interface ChangeServices {
  readonly db: Db;
  readonly findLanguage: FindLanguage;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly webhookOrigins: readonly string[];
}

interface Former {
  /** `tasks.id` */
  readonly id: string;
  readonly lang: string | null;
  readonly engine: string | null;
}

/**
 * Changes the choices for a task: priority and time until it runs, all others while its files are being given.
 * @throws TaskError E_CONFLICT when its status does not allow it; the errors of `createDraft` for wrong choices
 */
export async function changeChoices(
  { id, lang, engine }: Former,
  changes: DraftChanges & { readonly priority?: number },
  { db, findLanguage, engines, webhookOrigins }: ChangeServices,
): Promise<void> {
  const { priority, not_before: notBefore, ...options } = changes;
  const isDraftOnly = Object.keys(options).length > 0;
  if (!isDraftOnly && priority === undefined && notBefore === undefined) return;
  if (options.columns !== undefined) parseColumnChoices(options.columns);
  assertNotifyUrl(options.notify_url ?? null, webhookOrigins);
  const wanted = {
    lang: options.lang ?? lang ?? '',
    engine: options.engine === undefined ? engine : options.engine,
  };
  const stored = { ...changes };
  if (options.lang !== undefined || options.engine !== undefined) {
    const { language } = await chooseResources(wanted, findLanguage, engines);
    if (options.lang !== undefined) stored.lang = language.code;
  }
  if (typeof options.name === 'string') stored.name = storableName(options.name);
  if (await changeTask(db, id, isDraftOnly ? ['uploading'] : ['uploading', 'uploaded'], stored)) return;
  throw new TaskError(
    'E_CONFLICT',
    isDraftOnly
      ? 'the task is queued already, or gone: of its choices only priority and time (not_before) can be changed. Make a new task.'
      : 'the task runs already, or has ended: its priority and time (not_before) have no effect any more',
  );
}
