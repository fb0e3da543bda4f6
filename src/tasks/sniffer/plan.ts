import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, TaskError, toTaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { uploadPath } from '../../base/site-layout.ts';
import type { TaskLimits } from '../../base/task-limits.ts';
import type { Db } from '../../db/connect.ts';
import { findTakenNames, type Imported, readImported } from '../../db/imports.ts';
import type { Language } from '../../lexicon/language.ts';
import { assertFolderFree, findDictionaries, findInputs, findResult, type PlannedFile } from './old-files.ts';
import type { OldTask } from './old-task.ts';
import type { Source } from './open-source.ts';
import { readTasks } from './read-tasks.ts';

/** Number of names in one query. */
const ASK_AT_ONCE = 1_000;

export interface PlanOptions {
  readonly db: Db;
  readonly source: Source;
  /** The older worker's UPLOADS. */
  readonly oldUploadsDir: string;
  readonly uploadsDir: string;
  readonly languages: ReadonlyMap<string, Language>;
  readonly engines: ReadonlyMap<string, unknown>;
  readonly taskLimits: TaskLimits;
  /** Inputs of failed and cancelled tasks that ended longer ago are not copied. 0: all are. */
  readonly keepFailedInputsSec: number;
  /** Whether unfinished tasks become drafts instead of being queued. */
  readonly asDrafts: boolean;
  readonly signal: AbortSignal;
}

/** What is done with one task. */
export interface PlannedTask {
  readonly old: OldTask;
  readonly fate: OldTask['fate'];
  readonly lang: string | null;
  readonly engine: string | null;
  readonly files: readonly PlannedFile[];
  /** The unfinished row of an earlier import: `tasks.id`. */
  readonly begun: string | null;
}

export interface Plan {
  /** Finished tasks first, then oldest first, so that they take their turns in this order. */
  readonly tasks: readonly PlannedTask[];
  readonly dictionaries: readonly PlannedFile[];
  readonly importedBefore: number;
  readonly deleted: number;
  readonly faults: readonly Fault[];
}

/**
 * Reads the older worker's table and checks its files, to plan an import. Nothing is changed.
 * @throws TaskError E_USAGE for a source that cannot be read, or if both folders are the same
 */
export async function planImport(options: PlanOptions): Promise<Plan> {
  const { db, source, signal } = options;
  const oldRoot = await openOldUploads(options);
  const imported = await readImported(db);
  const faults: Fault[] = [];
  const read = await readTasks(source, faults, signal);
  const fresh = read.filter(({ oldId, isDeleted }) => !isDeleted && isToImport(imported.get(oldId)));
  const taken = await findTaken(
    db,
    fresh.map(({ oldId }) => oldId),
  );
  const tasks: PlannedTask[] = [];
  for (const old of fresh) {
    signal.throwIfAborted();
    const begun = imported.get(old.oldId)?.task ?? null;
    try {
      if (begun === null && taken.has(old.oldId))
        throw new TaskError(
          'E_CONFLICT',
          'another task has this id here already; rename that one, or import into a new site',
        );
      const planned = await planTask(old, oldRoot, options);
      if (begun === null && planned.files.some(({ target }) => target !== null))
        await assertFolderFree(options.uploadsDir, uploadPath({ user_uuid: old.user, task_id: old.oldId }));
      tasks.push({ ...planned, old, begun });
    } catch (error) {
      faults.push(faultOf(toTaskError(error), source.name, old));
    }
  }
  const users = [...new Set(read.filter(({ isDeleted }) => !isDeleted).map(({ user }) => user))].sort();
  const dictionaries = await findDictionaries(users, options.languages.keys(), oldRoot, options.uploadsDir);
  return {
    tasks: tasks.sort(byTurn),
    dictionaries: dictionaries.files,
    importedBefore: read.filter(({ oldId }) => imported.has(oldId) && !isToImport(imported.get(oldId)))
      .length,
    deleted: read.filter(({ isDeleted }) => isDeleted).length,
    faults: [...faults, ...dictionaries.faults],
  };
}

async function openOldUploads({ oldUploadsDir, uploadsDir }: PlanOptions): Promise<string> {
  const found = await stat(oldUploadsDir).catch(() => null);
  if (found?.isDirectory() !== true)
    throw new TaskError(
      'E_USAGE',
      `--uploads ${oldUploadsDir}: no such folder; expected UPLOADS of the older worker`,
    );
  const [old, own] = [
    await realpath(oldUploadsDir),
    await realpath(uploadsDir).catch(() => path.resolve(uploadsDir)),
  ];
  if (old === own || `${old}/`.startsWith(`${own}/`) || `${own}/`.startsWith(`${old}/`)) {
    throw new TaskError(
      'E_USAGE',
      `--uploads ${oldUploadsDir} and UPLOADS=${uploadsDir} lie in each other; expected a folder of its own for this site, ` +
        'so that nothing of the older worker is changed. Set UPLOADS to another folder.',
    );
  }
  return old;
}

function isToImport(imported: Imported | undefined): boolean {
  return imported === undefined || imported.fence === null;
}

async function findTaken(db: Db, oldIds: readonly string[]): Promise<Set<string>> {
  const taken = new Set<string>();
  for (let from = 0; from < oldIds.length; from += ASK_AT_ONCE) {
    for (const name of await findTakenNames(db, oldIds.slice(from, from + ASK_AT_ONCE))) taken.add(name);
  }
  return taken;
}

async function planTask(
  old: OldTask,
  oldRoot: string,
  options: PlanOptions,
): Promise<Omit<PlannedTask, 'old' | 'begun'>> {
  const lang = old.lang === null ? null : codeOf(old.lang, options.languages);
  if (old.fate === 'completed') {
    const result = await findResult(old, oldRoot);
    // The row of a completed task names its result; a task whose result was removed is expired.
    const fate = result === null ? 'expired' : 'completed';
    return { fate, lang, engine: null, files: result === null ? [] : [result] };
  }
  if (old.fate === 'expired') return { fate: 'expired', lang, engine: null, files: [] };
  if (old.fate === 'failed' || old.fate === 'cancelled') {
    const files = areInputsKept(old, options)
      ? await findInputs(old, lang, oldRoot, options.taskLimits).catch(ignoreMissing)
      : [];
    return { fate: old.fate, lang, engine: null, files };
  }
  // Its user has not chosen a language yet.
  const fate = options.asDrafts || lang === null ? 'draft' : old.fate;
  if (fate === 'queued' && lang !== null && !options.languages.has(lang)) {
    const fix = 'install it below ADMIN, or import with --drafts and choose another';
    throw new TaskError(
      'E_LANGUAGE_UNKNOWN',
      `language ${JSON.stringify(lang)} is not installed here; ${fix}`,
    );
  }
  return {
    fate,
    lang,
    engine: engineOf(old, lang, options),
    files: await findInputs(old, lang, oldRoot, options.taskLimits),
  };
}

/** Upper and lower case may differ, as some tables have the names of an enum. */
function codeOf(text: string, languages: ReadonlyMap<string, Language>): string {
  if (languages.has(text)) return text;
  return (
    [...languages.keys()].find((code) => code.toLowerCase() === text.toLowerCase()) ?? text.slice(0, 200)
  );
}

/** @returns null: the engine of the language */
function engineOf(
  { engine }: OldTask,
  lang: string | null,
  { languages, engines }: PlanOptions,
): string | null {
  const name = engine?.replace(/^.*\./, '').toUpperCase();
  if (name === undefined || /^\d+$/.test(name) || languages.get(lang ?? '')?.engine === name) return null;
  if (engines.has(name)) return name;
  const known = [...engines.keys()].join(', ');
  throw new TaskError('E_ENGINE_UNKNOWN', `engine ${JSON.stringify(engine)}: expected one of ${known}`);
}

function areInputsKept({ endedAt }: OldTask, { keepFailedInputsSec }: PlanOptions): boolean {
  return (
    keepFailedInputsSec === 0 ||
    (endedAt !== null && Date.now() - endedAt.getTime() < keepFailedInputsSec * 1000)
  );
}

/** An ended task is imported without files that are gone. */
function ignoreMissing(error: unknown): readonly PlannedFile[] {
  if (error instanceof TaskError) return [];
  throw error;
}

function faultOf(error: TaskError, file: string, { oldId, line }: OldTask): Fault {
  return findingAt(error.code, { file, line }, `task ${oldId}: ${error.message.replaceAll('\n', '; ')}`);
}

function byTurn(one: PlannedTask, other: PlannedTask): number {
  const isOpen = ({ fate }: PlannedTask) => Number(fate === 'queued' || fate === 'draft');
  const age = ({ old }: PlannedTask) => old.createdAt?.getTime() ?? 0;
  return isOpen(one) - isOpen(other) || age(one) - age(other) || one.old.line - other.old.line;
}
