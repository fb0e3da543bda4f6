import { readConfig } from '../../src/config.ts';
import type { Instance } from '../../testing/instance.ts';
import { tryToLogIn } from '../soak/log-in.ts';
import { pause } from '../soak/waiting.ts';
import type { Figure } from './benchmark.ts';
import { countEnded, type ProxiedSite, untilEnded } from './proxied-site.ts';

const { leaseSec, sweepSec } = readConfig({}, {}, '.');
const TASK_COUNT = 40;
/** The trivial engine sleeps for 0.6 s, so that some tasks are always running. */
const TEXT = 'slow slow';
const ENDED_BEFORE = 8;
const DOWN_MS = 2_000;
const USED_UP_MS = 10_000;
const KILLS = 5;
const BETWEEN_KILLS_MS = 3_000;
/** Time from the end of a fault until tasks are completed again. */
const RECOVERY_SEC = 30;
/** The tasks of a dead worker go to another one after its lease; then they run. */
const TAKE_OVER_SEC = leaseSec + sweepSec + 15;

export const measureRestart = (site: ProxiedSite) =>
  measureRecovery('Postgres restarted', site, () => site.outages.stopped(DOWN_MS));

export const measureKilledBackends = (site: ProxiedSite) =>
  measureRecovery('backends killed three times', site, async () => {
    for (let n = 0; n < 3; n++) {
      await site.sql.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'autophon%'",
      );
      await pause(DOWN_MS / 2);
    }
  });

export const measureUsedUpConnections = (site: ProxiedSite) =>
  measureRecovery('connections used up for 10 s', site, async () => {
    const endMs = performance.now() + USED_UP_MS;
    const clients = [];
    let isUsedUp = false;
    while (performance.now() < endMs) {
      const client = await tryToLogIn(site.url);
      if (client !== null) clients.push(client);
      else {
        if (!isUsedUp)
          await site.sql.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'autophon%'",
          );
        isUsedUp = true;
        await pause(20);
      }
    }
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  });

async function measureRecovery(
  what: string,
  site: ProxiedSite,
  disturb: () => Promise<void>,
): Promise<Figure[]> {
  await site.start({ ALIGNMENT_WORKERS: '2' });
  for (let n = 0; n < TASK_COUNT; n++) await site.addTask(TEXT);
  await untilEnded(site, ENDED_BEFORE);
  await disturb();
  const fromMs = performance.now();
  const before = await countEnded(site);
  await untilEnded(site, before + 1);
  const firstSec = (performance.now() - fromMs) / 1000;
  await untilEnded(site, TASK_COUNT);
  return [
    { what: `${what}: next task ends after`, value: firstSec, unit: 's', goal: { atMost: RECOVERY_SEC } },
    await countNotCompleted(what, site),
  ];
}

export async function measureCrash(site: ProxiedSite): Promise<Figure[]> {
  const what = 'worker killed';
  const victim = await site.start({ ALIGNMENT_WORKERS: '2' });
  const taskIds = [await site.addTask(TEXT), await site.addTask(TEXT)];
  for (const id of taskIds) await victim.event('engine.started', (event) => event['taskId'] === id);
  victim.kill('SIGKILL');
  await site.start({ ALIGNMENT_WORKERS: '2' });
  const fromMs = performance.now();
  await untilEnded(site, taskIds.length);
  return [
    {
      what: `${what}: its tasks have ended after`,
      value: (performance.now() - fromMs) / 1000,
      unit: 's',
      beside: { name: 'LEASE + SWEEP_INTERVAL', value: leaseSec + sweepSec },
      goal: { atMost: TAKE_OVER_SEC },
    },
    await countNotCompleted(what, site),
  ];
}

export async function measureRepeatedKills(site: ProxiedSite): Promise<Figure[]> {
  const what = `worker killed ${KILLS} times`;
  for (let n = 0; n < TASK_COUNT; n++) await site.addTask(TEXT);
  let worker: Instance = await site.start({ ALIGNMENT_WORKERS: '2' });
  for (let n = 0; n < KILLS; n++) {
    await pause(BETWEEN_KILLS_MS);
    worker.kill('SIGKILL');
    worker = await site.start({ ALIGNMENT_WORKERS: '2' });
  }
  const fromMs = performance.now();
  await untilEnded(site, TASK_COUNT);
  return [
    {
      what: `${what}: all have ended after`,
      value: (performance.now() - fromMs) / 1000,
      unit: 's',
      goal: { atMost: TAKE_OVER_SEC },
    },
    await countNotCompleted(what, site),
  ];
}

async function countNotCompleted(what: string, site: ProxiedSite): Promise<Figure> {
  const { rows } = await site.sql.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM tasks WHERE task_status <> 'completed'",
  );
  return {
    what: `${what}: tasks not completed`,
    value: rows[0]?.n ?? -1,
    unit: 'count',
    goal: { atMost: 0 },
  };
}
