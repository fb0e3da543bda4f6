import path from 'node:path';
import { REMOVABLE } from './audit/final-rows.ts';
import { findTempFolders, listFolders } from './audit/stray-files.ts';
import { isOfResult, listFilesIn } from './audit/task-files.ts';
import type { Fleet } from './fleet.ts';
import { findProcessesIn } from './processes.ts';
import type { Server } from './server.ts';
import type { SoakDirs } from './soak-dirs.ts';
import type { Submissions } from './submissions.ts';
import { waitUntil } from './waiting.ts';

export interface WaitOptions {
  readonly server: Server;
  readonly fleet: Fleet;
  readonly dirs: SoakDirs;
  readonly submissions: Submissions;
  readonly isHurried: boolean;
  readonly say: (line: string) => void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

const TASKS_LIMIT_MS = 180_000;
/** Other instances clean up after a minute what was deleted, or left by a dead instance. */
const CLEANUP_LIMIT_MS = 150_000;
const HURRIED_CLEANUP_LIMIT_MS = 45_000;
const LEFTOVERS_LIMIT_MS = 60_000;
const LOOK_INTERVAL_MS = 250;

type Step = readonly [what: string, limitMs: number, isDone: () => Promise<boolean> | boolean];

/**
 * Waits until the instances have finished all work, each kind within a limit. The audit reports what is left.
 * @returns how long it took; null: too long
 */
export async function waitForEnd(options: WaitOptions): Promise<number | null> {
  const { say, signal } = options;
  const startedMs = performance.now();
  let isSettled = true;
  for (const [what, limitMs, isDone] of listSteps(options)) {
    const isOver = async () => signal.aborted || (await isDone());
    if (await waitUntil(isOver, limitMs, LOOK_INTERVAL_MS)) continue;
    isSettled = false;
    say(`there are ${what}, still after ${limitMs / 1000} s`);
  }
  return isSettled && !signal.aborted ? (performance.now() - startedMs) / 1000 : null;
}

function listSteps({ server, fleet, dirs, submissions, isHurried }: WaitOptions): Step[] {
  const cleanupLimitMs = isHurried ? HURRIED_CLEANUP_LIMIT_MS : CLEANUP_LIMIT_MS;
  const count = async (table: string) =>
    (await server.ask<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]?.n ?? 0;
  const makeDue = async () => {
    if (isHurried) await server.ask(MAKE_OLDER);
  };
  return [
    [
      'tasks that are open',
      TASKS_LIMIT_MS,
      async () => (await count("tasks WHERE task_status IN ('uploaded', 'processing')")) === 0,
    ],
    [
      'audio that is not deleted',
      cleanupLimitMs,
      async () => (await count("tasks WHERE task_status = 'completed' AND stage IS NOT NULL")) === 0,
    ],
    [
      'files of deleted tasks',
      cleanupLimitMs,
      async () => {
        await makeDue();
        return (await count(REMOVABLE)) === 0;
      },
    ],
    [
      'results that no row points to',
      cleanupLimitMs,
      async () => (await staleResults(server, submissions, dirs.uploadsDir)).length === 0,
    ],
    // Each instance looks for them only from time to time, and a hurried soak does not wait for it.
    [
      'logs of deleted tasks',
      CLEANUP_LIMIT_MS,
      async () => isHurried || (await staleLogs(server, submissions, dirs.logsDir)).length === 0,
    ],
    ['engines that run', LEFTOVERS_LIMIT_MS, () => findProcessesIn(dirs.tempDir).length === 0],
    [
      'temp folders of the dead',
      LEFTOVERS_LIMIT_MS,
      async () => (await strayFolders(server, fleet, dirs.tempDir)).length === 0,
    ],
  ];
}

/** As if it had been deleted a minute ago. */
const MAKE_OLDER = `UPDATE deleted_tasks SET deleted_at = deleted_at - interval '1 minute'
  WHERE deleted_at > now() - interval '1 minute'`;

async function staleResults(server: Server, submissions: Submissions, uploadsDir: string): Promise<string[]> {
  const rows = await server.ask<{ id: string; path: string | null; status: string }>(
    'SELECT id, download_path AS path, task_status AS status FROM tasks',
  );
  const published = new Map(rows.map(({ path: relative }) => [path.dirname(relative ?? ''), relative]));
  const unfinished = new Set(rows.filter(({ status }) => status !== 'completed').map(({ id }) => id));
  const forgotten = forgottenNames(submissions);
  const files = await listFilesIn(uploadsDir);
  return files.filter((file) => {
    const [, kind, taskId = '', attempt = ''] = file.split('/');
    // Those of failed and cancelled tasks stay while their inputs do.
    const isKept = unfinished.has(attempt.split('.')[0] ?? '');
    const resultDir = file.split('/').slice(0, 4).join('/');
    return (
      kind === 'otp' &&
      !isOfResult(file, published.get(resultDir) ?? null) &&
      !forgotten.has(taskId) &&
      !isKept
    );
  });
}

async function staleLogs(server: Server, submissions: Submissions, logsDir: string): Promise<string[]> {
  const rows = await server.ask<{ name: string }>("SELECT task_id || '.' || id AS name FROM tasks");
  const living = new Set(rows.map(({ name }) => name));
  const forgotten = forgottenNames(submissions);
  const logs = await listFilesIn(path.join(logsDir, 'tasks'));
  return logs.filter((log) => {
    const [taskId = '', rowId] = log.split('.');
    return !living.has(`${taskId}.${rowId}`) && !forgotten.has(taskId);
  });
}

/** The instances cannot know these files any more, because the server has forgotten their rows. */
function forgottenNames(submissions: Submissions): ReadonlySet<string> {
  return new Set(submissions.all.filter(({ state }) => state === 'lost').map(({ taskId }) => taskId));
}

/** Folders of ended processes, and workspaces in the folders of running ones. */
async function strayFolders(server: Server, fleet: Fleet, tempDir: string): Promise<string[]> {
  const known = await server.ask<{ id: string }>('SELECT id FROM instances');
  const alive = new Set(fleet.running().map(({ id }) => id));
  const stray: string[] = [];
  for (const name of await findTempFolders(tempDir, new Set(known.map(({ id }) => id)))) {
    if (!alive.has(path.basename(name))) stray.push(name);
    else {
      stray.push(...(await listFolders(path.join(tempDir, name))));
    }
  }
  return stray;
}
