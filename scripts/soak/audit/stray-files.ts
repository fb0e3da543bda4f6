import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findProcessesIn } from '../processes.ts';
import type { SoakDirs } from '../soak-dirs.ts';
import type { Submissions } from '../submissions.ts';
import type { FinalRows, Violation } from './final-rows.ts';
import { listFilesIn } from './task-files.ts';

/** Folders and files of LOGS and UPLOADS that belong to the site and not to one task. */
const ATTEMPT_LOGS = 'tasks';
const SITE_FILES = new Set(['.autophon-site', '.autophon-clock']);

/** Checks that everything of deleted tasks, and all temporary files of ended processes, are gone. */
export async function findStrayFiles(
  finalRows: FinalRows,
  submissions: Submissions,
  dirs: Pick<SoakDirs, 'uploadsDir' | 'tempDir' | 'logsDir'>,
  { instancePids, isHurried }: { readonly instancePids: readonly number[]; readonly isHurried: boolean },
): Promise<Violation[]> {
  const files = (await listFilesIn(dirs.uploadsDir)).filter((file) => !SITE_FILES.has(file));
  const logs = isHurried ? [] : await listFilesIn(path.join(dirs.logsDir, ATTEMPT_LOGS));
  const ofProcesses = [
    ...(await findTempFolders(dirs.tempDir, finalRows.instances)).map((name) => `temp/${name}`),
    ...findProcessesIn(dirs.tempDir).map(({ pid, command }) => `process ${pid}: ${command}`),
    ...instancePids.map((pid) => `instance, process ${pid}`),
  ];
  return [
    ...findOfDeleted(files, logs, finalRows, submissions),
    ...ofProcesses.map((message) => ({
      rule: 'no process, temp folder or file is left' as const,
      taskId: null,
      message,
    })),
  ];
}

/** Each file belongs to a task that exists, or to a task that the server has forgotten. */
function findOfDeleted(
  files: readonly string[],
  logs: readonly string[],
  finalRows: FinalRows,
  submissions: Submissions,
): Violation[] {
  const rule = 'nothing of a deleted task is left';
  const violations: Violation[] = finalRows.toRemove.map((taskId) => ({
    rule,
    taskId,
    message: 'its files are still to be removed',
  }));
  const stems = new Map(submissions.all.flatMap((one) => one.stems.map((stem) => [stem, one] as const)));
  const forgotten = new Set(
    submissions.all.filter(({ state }) => state === 'lost').map(({ taskId }) => taskId),
  );
  const living = new Set(finalRows.tasks.map(({ task_id }) => task_id));
  for (const file of files) {
    const [, kind, taskId = null] = file.split('/');
    const owner = stems.get(file.replace(/\.(wav|TextGrid)$/, ''));
    if (kind === 'upl' && owner !== undefined) {
      if (owner.state === 'deleted')
        violations.push({ rule, taskId: owner.taskId, message: `there is ${file}` });
    } else if (kind !== 'otp' || taskId === null || !(living.has(taskId) || forgotten.has(taskId))) {
      violations.push({ rule, taskId, message: `${file} belongs to no task` });
    }
  }
  const rowIds = new Set(finalRows.tasks.map(({ id }) => id));
  for (const log of logs) {
    const name = readLogName(log);
    const isKnown =
      name !== null && (forgotten.has(name.taskId) || (living.has(name.taskId) && rowIds.has(name.rowId)));
    if (!isKnown) violations.push({ rule, taskId: name?.taskId ?? null, message: `there is the log ${log}` });
  }
  return violations;
}

/** `<task_id>.<row id>.<claim>.log` */
function readLogName(name: string): { taskId: string; rowId: string } | null {
  const [, taskId, rowId] = /^(.+)\.(\d+)\.\d+-[\da-f]+\.log$/.exec(name) ?? [];
  return taskId === undefined || rowId === undefined ? null : { taskId, rowId };
}

/**
 * The program's own folder stays, empty. So does, for a day, the folder of a dead instance that the server has forgotten, if
 * an attempt is in it: it looks like one of another database.
 * @param instances - ids that the server knows
 */
export async function findTempFolders(tempDir: string, instances: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(tempDir)) {
    if (name !== ownTempFolder()) {
      found.push(name);
      continue;
    }
    for (const instance of await listFolders(path.join(tempDir, name))) {
      const folder = `${name}/${instance}`;
      if (instances.has(instance) || (await listFolders(path.join(tempDir, folder))).length === 0)
        found.push(folder);
    }
  }
  return found;
}

export async function listFolders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Made by the program in TEMP_DIR for this user. */
function ownTempFolder(): string {
  return `autophon-workspaces-${process.getuid?.()}`;
}
