import { runMigrations } from 'graphile-worker';
import type { BenchProcess } from './processes.ts';
import type { BenchSite } from './site.ts';

export type ComparedWorkerName = 'worker' | 'hand-written loop' | 'loop with our stages' | 'graphile-worker';

/** A queue worker in its own process, and how it gets tasks. */
export interface ComparedWorker {
  readonly name: ComparedWorkerName;
  readonly process: BenchProcess;
  /** Ids of tasks that it has not had before. */
  readonly makeTasks: (count: number) => Promise<string[]>;
  /** Queues one or many tasks by one statement, which is committed when the function returns. */
  readonly write: (ids: readonly string[]) => Promise<unknown>;
}

export interface ComparedWorkerOptions {
  readonly slots: number;
  readonly engineSec?: number;
}

export async function startComparedWorker(
  name: ComparedWorkerName,
  site: BenchSite,
  options: ComparedWorkerOptions,
): Promise<ComparedWorker> {
  const { client } = site;
  const { makeTasks } = site;
  switch (name) {
    case 'worker':
      return {
        name,
        makeTasks,
        process: await site.start('instance-main.ts', options),
        write: (ids) => site.queue(ids),
      };
    case 'hand-written loop':
    case 'loop with our stages': {
      const queue = name === 'hand-written loop' ? 'peer_engine' : 'peer_stages';
      return {
        name,
        makeTasks,
        process: await site.start('loop-main.ts', { ...options, queue }),
        write: (ids) =>
          client.query(
            'INSERT INTO peer_jobs (id, queue) SELECT id, $2 FROM unnest($1::text[]) AS ids (id)',
            [ids, queue],
          ),
      };
    }
    case 'graphile-worker':
      await runMigrations({ connectionString: site.database.url });
      return {
        name,
        makeTasks,
        process: await site.start('graphile-main.ts', options),
        write: (ids) =>
          client.query(
            `SELECT graphile_worker.add_job('start', json_build_object('id', id)) FROM unnest($1::text[]) AS ids (id)`,
            [ids],
          ),
      };
  }
}

/** Queues tasks and waits until all of them have ended. */
export async function drain({ process, write }: ComparedWorker, ids: readonly string[]): Promise<void> {
  const endsBefore = countEnds(process);
  await write(ids);
  await process.until(() => countEnds(process) === endsBefore + ids.length);
}

function countEnds({ events }: BenchProcess): number {
  return events.filter(({ event }) => event === 'task.completed').length;
}
