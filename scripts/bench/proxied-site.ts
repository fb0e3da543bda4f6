import path from 'node:path';
import { readConfig } from '../../src/config.ts';
import { startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { isDatabaseAway } from '../../src/db/statement-fault.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import { pause } from '../soak/waiting.ts';

/** Settings that the tests choose for speed and a real site does not. */
const FOR_SPEED = ['SWEEP_INTERVAL', 'HEARTBEAT', 'MAX_POLL_INTERVAL', 'RETRY_DELAY', 'REMOVAL_DELAY'];
const { leaseSec } = readConfig({}, {}, '.');

export interface ProxiedSite extends Site {
  readonly start: (env?: Readonly<Record<string, string>>) => Promise<Instance>;
  /** Makes the database unreachable for a time, in one of several ways. */
  readonly outages: Readonly<Record<'stopped' | 'unreachable', (ms: number) => Promise<void>>>;
}

/** A server that the instances reach through a proxy, which can be stopped. */
export async function withProxiedSite<T>(dir: string, act: (site: ProxiedSite) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const dataDir = path.join(dir, 'postgres');
  const { url, port } = await startEmbedded({ dataDir });
  stack.defer(async () => void (await stopEmbedded(dataDir)));
  await migrate(url, () => installQueue(url, { leaseSec }));
  const site = stack.use(await createSite({ database: { url, drop: async () => undefined } }));
  const proxy = stack.use(await startTcpProxy(() => port));
  const proxyUrl = new URL(url);
  proxyUrl.port = String(proxy.port);
  const env = Object.fromEntries(Object.entries(site.env).filter(([name]) => !FOR_SPEED.includes(name)));
  const start = async (more: Readonly<Record<string, string>> = {}) => {
    const settings = { DATABASE_URL: proxyUrl.href, ALIGNMENT_WORKERS: '1', ...more };
    const instance = await startInstance({ ...site, env }, settings);
    stack.defer(async () => {
      // Otherwise the disposal would wait for open connections.
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
      const goOn = proxy.stall();
      await pause(ms);
      goOn();
    },
  };
  return await act({ ...site, start, outages });
}

const ENDED_LOOK_MS = 50;

/** Number of tasks that have ended according to the database, which may be unreachable at this moment. */
export async function countEnded({ sql }: ProxiedSite, user: string | null = null): Promise<number> {
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

export async function untilEnded(
  site: ProxiedSite,
  count: number,
  user: string | null = null,
): Promise<void> {
  while ((await countEnded(site, user)) < count) await pause(ENDED_LOOK_MS);
}
