/** For comparison: graphile-worker, with a task that only starts the engine. */
import path from 'node:path';
import { Logger, run } from 'graphile-worker';
import pg from 'pg';
import { startEngine } from './engine.ts';
import { onStop, READY, tell } from './processes.ts';

const { DATABASE_URL = '', BENCH_DIR = '.', BENCH_ENGINE_SEC = '0', ALIGNMENT_WORKERS = '1' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, application_name: 'graphile' });
pool.on('error', () => undefined);
pool.on('connect', (client) => client.on('error', () => undefined));

const runner = await run({
  pgPool: pool,
  concurrency: Number(ALIGNMENT_WORKERS),
  noHandleSignals: true,
  logger: new Logger(() => () => undefined),
  taskList: {
    start: async (payload) => {
      const { id } = payload as { id: string };
      tell('task.started', { id });
      const place = { dir: BENCH_DIR, logPath: path.join(BENCH_DIR, `graphile-${id}.log`) };
      await startEngine(Number(BENCH_ENGINE_SEC), place, () => tell('engine.started', { id }));
    },
  },
});
// The end of the job is written only now.
runner.events.on('job:complete', ({ job }) =>
  tell('task.completed', { id: (job.payload as { id: string }).id }),
);
onStop(async () => {
  await runner.stop();
  await pool.end();
});
tell(READY);
