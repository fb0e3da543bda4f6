import path from 'node:path';
import { readConfig } from '../../src/config.ts';
import { startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { isDatabaseAway } from '../../src/db/statement-fault.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { startWire } from '../../testing/wire.ts';
import { pause } from '../soak/waiting.ts';

/** What the tests set for speed, and a site does not. */
const FOR_SPEED = ['SWEEP_INTERVAL', 'HEARTBEAT', 'MAX_POLL_INTERVAL', 'RETRY_DELAY', 'REMOVAL_DELAY'];
const { leaseSec } = readConfig({}, {}, '.');

export interface Stage extends Site {
  readonly start: (env?: Readonly<Record<string, string>>) => Promise<Instance>;
  /** The database away for a time, one way or the other. */
  readonly outages: Readonly<Record<'stopped' | 'unreachable', (ms: number) => Promise<void>>>;
}

/** A server, reached by the instances through a wire that can be held up. */
export async function onStage<T>(dir: string, act: (stage: Stage) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const dataDir = path.join(dir, 'postgres');
  const { url, port } = await startEmbedded({ dataDir });
  stack.defer(async () => void (await stopEmbedded(dataDir)));
  await migrate(url, () => installQueue(url, { leaseSec }));
  const site = stack.use(await createSite({ database: { url, drop: async () => undefined } }));
  const wire = stack.use(await startWire(() => port));
  const wireUrl = new URL(url);
  wireUrl.port = String(wire.port);
  const env = Object.fromEntries(Object.entries(site.env).filter(([name]) => !FOR_SPEED.includes(name)));
  const start = async (more: Readonly<Record<string, string>> = {}) => {
    const settings = { DATABASE_URL: wireUrl.href, ALIGNMENT_WORKERS: '1', ...more };
    const instance = await startInstance({ ...site, env }, settings);
    stack.defer(async () => {
      // What still hangs would be waited for.
      instance.kill('SIGKILL');
      await instance.exited;
    });
    return instance;
  };
  const outages = {
    stopped: async (ms: number) => {
      await stopEmbedded(dataDir);
      await pause(ms);
      await startEmbedded({ dataDir });
    },
    unreachable: async (ms: number) => {
      const goOn = wire.stall();
      await pause(ms);
      goOn();
    },
  };
  return await act({ ...site, start, outages });
}

const ENDED_LOOK_MS = 50;

/** Tasks that have ended, by the database, which may be away just now. */
export async function countEnded({ sql }: Stage, user: string | null = null): Promise<number> {
  for (;;) {
    try {
      const { rows } = await sql.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM tasks
         WHERE task_status IN ('completed', 'failed', 'cancelled') AND user_uuid = coalesce($1, user_uuid)`,
        [user],
      );
      return rows[0]?.n ?? 0;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      await pause(ENDED_LOOK_MS);
    }
  }
}

export async function untilEnded(stage: Stage, count: number, user: string | null = null): Promise<void> {
  while ((await countEnded(stage, user)) < count) await pause(ENDED_LOOK_MS);
}
