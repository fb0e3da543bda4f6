import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { listFilesIn } from './audit/task-files.ts';
import type { Fleet } from './fleet.ts';
import type { Place } from './place.ts';
import { findProcessesIn } from './processes.ts';
import type { Server } from './server.ts';
import { waitUntil } from './waiting.ts';

export interface SettleOptions {
  readonly server: Server;
  readonly fleet: Fleet;
  readonly place: Place;
  readonly isHurried: boolean;
  readonly say: (line: string) => void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

const TASKS_LIMIT_MS = 120_000;
/** The cleanup of an instance that died is finished by others after a minute. */
const CLEANUP_LIMIT_MS = 90_000;
const HURRIED_CLEANUP_LIMIT_MS = 30_000;
const LEFTOVERS_LIMIT_MS = 30_000;

/**
 * Waits for the instances to bring everything to its end, each thing within a limit. What is still not settled
 * then, the auditor will find.
 * @returns how long it took; null: too long
 */
export async function settle({
  server,
  fleet,
  place,
  isHurried,
  say,
  signal,
}: SettleOptions): Promise<number | null> {
  const startedMs = performance.now();
  const cleanupLimitMs = isHurried ? HURRIED_CLEANUP_LIMIT_MS : CLEANUP_LIMIT_MS;
  const count = async (where: string) =>
    (await server.ask<{ n: number }>(`SELECT count(*)::int AS n FROM tasks WHERE ${where}`))[0]?.n ?? 0;
  const steps: readonly (readonly [string, number, () => Promise<boolean> | boolean])[] = [
    [
      'tasks that are open',
      TASKS_LIMIT_MS,
      async () => (await count("task_status IN ('uploaded', 'processing')")) === 0,
    ],
    [
      'sound that is not deleted',
      cleanupLimitMs,
      async () => {
        if (isHurried) await server.ask(MAKE_OLDER);
        return (await count("task_status = 'completed' AND stage IS NOT NULL")) === 0;
      },
    ],
    [
      'results that no row points to',
      cleanupLimitMs,
      async () => {
        if (isHurried) for (const statement of LOOK_AGAIN) await server.ask(statement);
        return (await staleResults(server, place.uploadsDir)).length === 0;
      },
    ],
    ['engines that run', LEFTOVERS_LIMIT_MS, () => findProcessesIn(place.tempDir).length === 0],
    [
      'temp folders of the dead',
      LEFTOVERS_LIMIT_MS,
      async () => (await strayFolders(fleet, place.tempDir)).length === 0,
    ],
  ];
  let isSettled = true;
  for (const [what, limitMs, isDone] of steps) {
    if (signal.aborted || (await waitUntil(async () => signal.aborted || (await isDone()), limitMs)))
      continue;
    isSettled = false;
    say(`there are ${what}, still after ${limitMs / 1000} s`);
  }
  return isSettled ? (performance.now() - startedMs) / 1000 : null;
}

/** As if the minute had passed. */
const MAKE_OLDER = `UPDATE tasks SET finished_at = finished_at - interval '1 minute'
  WHERE task_status = 'completed' AND stage = 'cleanup' AND finished_at > now() - interval '1 minute'`;

/** As if they had ended long ago, and nobody had looked. */
const LOOK_AGAIN = [
  `UPDATE tasks SET finished_at = finished_at - interval '1 minute'
   WHERE task_status IN ('failed', 'cancelled', 'completed') AND finished_at > now() - interval '1 minute'`,
  "UPDATE chores SET run_at = '-infinity' WHERE name = 'remove stale results'",
];

async function staleResults(server: Server, uploadsDir: string): Promise<string[]> {
  const rows = await server.ask<{ path: string }>(
    'SELECT download_path AS path FROM tasks WHERE download_path IS NOT NULL',
  );
  const published = new Set(rows.map(({ path: relative }) => relative));
  const files = await listFilesIn(uploadsDir);
  return files.filter((file) => file.split('/')[1] === 'otp' && !published.has(file));
}

/** Folders of processes that are gone, and workspaces in those of the living. */
async function strayFolders(fleet: Fleet, tempDir: string): Promise<string[]> {
  const alive = new Set(fleet.running().map(({ id }) => id));
  const stray: string[] = [];
  for (const name of await readdir(tempDir)) {
    if (!alive.has(name)) stray.push(name);
    else stray.push(...(await readdir(path.join(tempDir, name))).filter((entry) => entry !== 'owner'));
  }
  return stray;
}
