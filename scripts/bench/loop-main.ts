/**
 * For comparison: a hand-written queue worker with LISTEN and FOR UPDATE SKIP LOCKED. It only starts the engine, or, on
 * the queue `peer_stages`, runs the worker's stages.
 */
import path from 'node:path';
import pg from 'pg';
import { Wake } from '../../src/worker/wake.ts';
import { startEngine } from './engine.ts';
import { onStop, READY, tell } from './processes.ts';
import { createStages } from './stages.ts';

const CLAIM = `UPDATE peer_jobs SET state = 'active' WHERE id = (
  SELECT id FROM peer_jobs WHERE queue = $1 AND state = 'waiting' ORDER BY number LIMIT 1
  FOR UPDATE SKIP LOCKED) RETURNING id`;
const COMPLETE = `UPDATE peer_jobs SET state = 'done' WHERE id = $1 AND state = 'active'`;
const BACKSTOP_MS = 30_000;

const { DATABASE_URL = '', BENCH_DIR = '.', BENCH_ENGINE_SEC = '0', ALIGNMENT_WORKERS = '1' } = process.env;
const { BENCH_QUEUE = '', UPLOADS = '' } = process.env;
const slotCount = Number(ALIGNMENT_WORKERS);
const stages = BENCH_QUEUE === 'peer_stages' ? await createStages(UPLOADS) : null;
const connection = { connectionString: DATABASE_URL, application_name: 'loop' };
const pool = new pg.Pool({ ...connection, max: slotCount });
const listener = new pg.Client(connection);
const wake = new Wake();
const stopping = new AbortController();

await listener.connect();
listener.on('notification', () => wake.wakeOne());
await listener.query(`LISTEN ${listener.escapeIdentifier(BENCH_QUEUE)}`);
const slots = Array.from({ length: slotCount }, runSlot);
onStop(async () => {
  stopping.abort();
  await Promise.all(slots);
  await Promise.all([listener.end(), pool.end()]);
  await stages?.[Symbol.asyncDispose]();
});
tell(READY);

async function runSlot(): Promise<void> {
  while (!stopping.signal.aborted) {
    const { rows } = await pool.query<{ id: string }>(CLAIM, [BENCH_QUEUE]);
    const id = rows[0]?.id;
    if (id === undefined) {
      await wake.wait(BACKSTOP_MS, stopping.signal);
      continue;
    }
    wake.wakeOne();
    tell('task.started', { id });
    if (stages === null) {
      const place = { dir: BENCH_DIR, logPath: path.join(BENCH_DIR, `loop-${id}.log`) };
      await startEngine(Number(BENCH_ENGINE_SEC), place, () => tell('engine.started', { id }));
    } else await stages.run(id);
    await pool.query(COMPLETE, [id]);
    tell('task.completed', { id });
  }
}
