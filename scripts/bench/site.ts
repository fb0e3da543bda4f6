import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import type { BenchContext } from './benchmark.ts';
import { type BenchProcess, startProcess } from './processes.ts';
import type { BenchDatabase } from './server.ts';
import { BENCH_USER, taskPathOf, writeTaskFiles } from './tasks.ts';

/** A database and folders, as one service has them, with the default settings. */
export interface BenchSite extends AsyncDisposable {
  readonly database: BenchDatabase;
  /** A connection like that of any other program. */
  readonly client: pg.Client;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Makes files of small tasks: one recording of a second with two words.
   * @returns their ids
   */
  makeTasks(count: number): Promise<string[]>;
  /** Queues tasks by writing their rows, all in one statement. */
  queue(taskIds: readonly string[]): Promise<void>;
  /** Starts the instance, or a program for comparison: see the `*-main.ts` of this folder. */
  start(main: string, options: StartOptions): Promise<BenchProcess>;
}

export interface StartOptions {
  readonly slots: number;
  /** How long the engine's process runs. */
  readonly engineSec?: number;
  /** The queue of the hand-written loop. */
  readonly queue?: string;
}

export async function createSite(
  context: BenchContext,
  options: { readonly logStatements?: boolean } = {},
): Promise<BenchSite> {
  const { dir } = context;
  const server = await context.server();
  const database = await server.createDatabase(options);
  const client = new pg.Client({ connectionString: database.url, application_name: 'bench' });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(PEER_TABLE);
  const uploadsDir = path.join(dir, 'uploads');
  const env = {
    DATABASE_URL: database.url,
    DATA_DIR: path.join(dir, 'data'),
    UPLOADS: uploadsDir,
    LOGS: path.join(dir, 'logs'),
    TEMP_DIR: path.join(dir, 'temp'),
  };
  await Promise.all([env.UPLOADS, env.LOGS, env.TEMP_DIR].map((one) => mkdir(one, { recursive: true })));
  let taskCount = 0;
  return {
    database,
    client,
    env,
    makeTasks: async (count) => {
      const ids = Array.from({ length: count }, () => `t${++taskCount}`);
      await writeTaskFiles(uploadsDir, ids);
      return ids;
    },
    queue: async (ids) => {
      await client.query(
        `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
         SELECT id, $2, $3, path, 'uploaded' FROM unnest($1::text[], $4::text[]) AS files (id, path)`,
        [ids, BENCH_USER, TRIVIAL_LANGUAGE, ids.map(taskPathOf)],
      );
    },
    start: (main, { slots, engineSec = 0, queue = '' }) =>
      startProcess(
        main,
        {
          ...env,
          ALIGNMENT_WORKERS: String(slots),
          BENCH_DIR: dir,
          BENCH_ENGINE_SEC: String(engineSec),
          BENCH_QUEUE: queue,
        },
        context.signal,
      ),
    [Symbol.asyncDispose]: async () => {
      await client.end().catch(() => undefined);
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The table of the hand-written loop: the least that a queue needs. */
const PEER_TABLE = `
  CREATE TABLE peer_jobs (
    id text PRIMARY KEY,
    queue text NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    state text NOT NULL DEFAULT 'waiting');
  CREATE INDEX peer_jobs_waiting ON peer_jobs (queue, number) WHERE state = 'waiting';
  CREATE FUNCTION notify_peer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify(NEW.queue, ''); RETURN NULL; END $$;
  CREATE TRIGGER notify_peer AFTER INSERT ON peer_jobs FOR EACH ROW EXECUTE FUNCTION notify_peer();`;
