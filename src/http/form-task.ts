import type { ResultFormatName } from '../base/result-kinds.ts';
import type { NowChoices, NowServices, WantedEngine } from '../tasks/align-now.ts';
import { languageOfTag } from '../tasks/language-of-tag.ts';
import { findWaitReason, readWorkforce } from '../tasks/wait-reason.ts';
import { letWait } from './body.ts';
import { type Form, readForm } from './multipart.ts';
import type { RouteCall } from './route.ts';

/**
 * Reads a form that a script for another service sends: a recording and its text. From then on the answer may take long.
 * @param dir - for the files of the form
 * @throws TaskError E_LIMIT, E_USAGE
 */
export async function readTaskForm(
  { request, signal, context }: RouteCall,
  dir: string,
  fileFields: readonly string[],
): Promise<Form> {
  const maxFileBytes = context.config.taskLimits.inputBytes;
  const form = await readForm(request, signal, { dir, fileFields, maxFileBytes });
  letWait(request);
  return form;
}

/** The services that make a task of such a form. */
export function nowServices({ caller, signal, context }: RouteCall): NowServices {
  const { drafts, receiver, work } = context;
  return { drafts, receiver, inTurn: (act) => work.run(caller.user, signal, act) };
}

/**
 * The choices for such a task, which are not in its form.
 * @param tag - of the language, such as `eng-US`
 * @returns the engine of the language and the workers that it was chosen for, too
 * @throws TaskError E_LANGUAGE_UNKNOWN
 */
export async function chooseForTag(
  { caller, context: { db, resources } }: RouteCall,
  tag: string,
  formats: readonly ResultFormatName[],
): Promise<{ readonly choices: NowChoices; readonly wanted: WantedEngine }> {
  const workforce = await readWorkforce(db);
  const isReady = (engine: string) => findWaitReason(engine, workforce) === null;
  const { code, engine } = languageOfTag(resources.languages, isReady, tag);
  const choices = {
    ...{ user: caller.user, lang: code, engine: null, priority: 0, columns: null },
    ...{ notBefore: null, notifyUrl: null, name: null, formats },
  };
  return { choices, wanted: { engine, workforce } };
}
