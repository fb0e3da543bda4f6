import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { writeTextGrid } from '../src/formats/textgrid/write.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { until } from './time-limits.ts';
import { goPath, TRIVIAL_LANGUAGE } from './trivial-engine.ts';
import { makeWav } from './wav.ts';

/** An installation for one test file: a database and folders, which are removed with it. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly dir: string;
  readonly uploadsDir: string;
  readonly tempDir: string;
  /** A connection like that of any other program. */
  readonly sql: pg.Pool;
  /** Environment of instances that run here. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Puts the files of a task in place, without a row.
   * @returns its task_path
   */
  addFiles(user: string, taskId: string, text: string, fileCount?: number): Promise<string>;
  /**
   * Adds files and a row, as a web application does.
   * @returns the task_id
   */
  addTask(text: string, more?: { user?: string; priority?: number; fileCount?: number }): Promise<string>;
  row(taskId: string): Promise<TaskColumns>;
  /** Waits until a task has one of the statuses. */
  waitFor(taskId: string, ...statuses: string[]): Promise<TaskColumns>;
  /**
   * As if all leases had passed; for when no worker runs. The leases of tests are so long that a busy machine does not lose
   * one.
   */
  endLeases(): Promise<void>;
  /**
   * Waits until another attempt has a task whose holder is dead or frozen, as if only its lease had passed.
   * @param fence - of the attempt that is over
   */
  takenOver(taskId: string, fence: number): Promise<TaskColumns>;
  /** Lets the engine of tasks with this text, which contains `wait`, end now and whenever it starts later. */
  letGo(text: string): Promise<void>;
  /** Waits for a condition, which is checked every few milliseconds. */
  until(what: string | (() => string), condition: () => Promise<boolean> | boolean): Promise<void>;
  workspaces(): Promise<string[]>;
  zipPath(row: TaskColumns): string;
}

export interface TaskColumns {
  readonly [column: string]: unknown;
  readonly id: string;
  readonly task_id: string;
  readonly task_status: string;
  readonly fence: number;
  readonly attempts: number;
  readonly crashes: number;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly download_path: string | null;
  readonly stage: string | null;
}

export interface SiteOptions {
  /** Shorter than pg-boss allows when a queue is made, so that tests do not wait. */
  readonly leaseSec?: number;
  /** A database that the test itself has made. */
  readonly database?: TestDatabase;
}

export async function createSite(options: SiteOptions = {}): Promise<Site> {
  const { leaseSec, database = await createTestDatabase() } = options;
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-test-'));
  const uploadsDir = path.join(dir, 'uploads');
  const tempDir = path.join(dir, 'temp');
  await mkdir(uploadsDir);
  await mkdir(tempDir);
  const sql = new pg.Pool({ connectionString: database.url, max: 4 });
  sql.on('error', () => undefined);
  if (leaseSec !== undefined) await sql.query('UPDATE pgboss.queue SET heartbeat_seconds = $1', [leaseSec]);

  const site: Site = {
    url: database.url,
    dir,
    uploadsDir,
    tempDir,
    sql,
    env: {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: database.url,
      DATA_DIR: path.join(dir, 'data'),
      UPLOADS: uploadsDir,
      LOGS: path.join(dir, 'logs'),
      TEMP_DIR: tempDir,
      SWEEP_INTERVAL: '1',
      HEARTBEAT: '0.3',
      MAX_POLL_INTERVAL: '5',
      RETRY_DELAY: '0.1',
      // Tests poll at once.
      REMOVAL_DELAY: '0',
      // Tests must not depend on how full the machine's disk is.
      MIN_FREE_DISK: '0',
      MIN_FREE_MEMORY: '0',
    },
    addFiles: async (user, taskId, text, fileCount = 1) => {
      const taskPath = `${user}/upl/${taskId}`;
      await mkdir(path.join(uploadsDir, taskPath), { recursive: true });
      for (let n = 1; n <= fileCount; n++) {
        const stem = path.join(uploadsDir, taskPath, `talk${n}`);
        await writeFile(`${stem}.wav`, makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) }));
        await writeFile(`${stem}.TextGrid`, transcript(text));
      }
      return taskPath;
    },
    addTask: async (text, { user = 'ann', priority = 0, fileCount = 1 } = {}) => {
      const taskId = randomUUID();
      const taskPath = await site.addFiles(user, taskId, text, fileCount);
      await sql.query(
        `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, priority)
         VALUES ($1, $2, $3, $4, 'uploaded', $5)`,
        [taskId, user, TRIVIAL_LANGUAGE, taskPath, priority],
      );
      return taskId;
    },
    row: async (taskId) => {
      const { rows } = await sql.query<TaskColumns>('SELECT * FROM tasks WHERE task_id = $1', [taskId]);
      if (rows[0] === undefined) throw new Error(`no task ${taskId}`);
      return rows[0];
    },
    waitFor: async (taskId, ...statuses) => {
      let row = await site.row(taskId);
      const what = () => `${taskId} to be ${statuses.join(' or ')}, it is ${row.task_status}`;
      await until(what, async () => {
        row = await site.row(taskId);
        return statuses.includes(row.task_status);
      });
      return row;
    },
    endLeases: async () => {
      await sql.query(
        "UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' WHERE state = 'active'",
      );
    },
    takenOver: async (taskId, fence) => {
      let row = await site.row(taskId);
      await until(`${taskId} to be taken over, it has fence ${fence}`, async () => {
        // Again and again: a heartbeat that was under way may arrive after this.
        await sql.query(
          `UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' FROM tasks
           WHERE job.id = tasks.job_id AND task_id = $1 AND fence = $2 AND state = 'active'`,
          [taskId, fence],
        );
        row = await site.row(taskId);
        return row.fence > fence;
      });
      return row;
    },
    letGo: (text) => writeFile(goPath(dir, text.split(' ')), ''),
    until,
    workspaces: async () => {
      const own = path.join(tempDir, `autophon-workspaces-${process.getuid?.()}`);
      const instances = await readdir(own).catch(() => []);
      const lists = await Promise.all(instances.map((name) => readdir(path.join(own, name)).catch(() => [])));
      return lists.flat().filter((name) => name !== 'owner');
    },
    zipPath: (row) => {
      const zip = path.join(uploadsDir, row.download_path ?? 'none');
      if (!existsSync(zip)) throw new Error(`no zip at ${zip}`);
      return zip;
    },
    [Symbol.asyncDispose]: async () => {
      await sql.end();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return site;
}

/** One tier with one interval of half a second with these words. */
export function transcript(text: string): string {
  const interval = (startSec: number, endSec: number, label: string) => ({ startSec, endSec, text: label });
  return writeTextGrid({
    startSec: 0,
    endSec: 1,
    tiers: [
      {
        kind: 'interval',
        name: 'speaker',
        startSec: 0,
        endSec: 1,
        intervals: [interval(0, 0.25, ''), interval(0.25, 0.75, text), interval(0.75, 1, '')],
      },
    ],
  });
}
