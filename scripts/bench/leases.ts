import path from 'node:path';
import { readConfig } from '../../src/config.ts';
import type { Instance } from '../../testing/instance.ts';
import { isRunning } from '../soak/processes.ts';
import { pause } from '../soak/waiting.ts';
import type { Benchmark, Figure, Goal } from './benchmark.ts';
import { percentile } from './numbers.ts';
import { type ProxiedSite, withProxiedSite } from './proxied-site.ts';

const VICTIM_COUNT = 5;
/**
 * Chosen so that the deaths fall into different parts of the interval between two heartbeats and between two sweeps.
 */
const BETWEEN_KILLS_MS = 2_300;
const OUTAGE_MS = 30_000;
/** The trivial engine sleeps for 0.3 s per word, so tasks end during the outage and after it. */
const ENDS_IN_OUTAGE = 'slow '.repeat(60).trim();
const ENDS_AFTER_OUTAGE = 'slow '.repeat(150).trim();
const HANGS = 'hang';
const LOOK_INTERVAL_MS = 10;
const { leaseSec, heartbeatSec, sweepSec } = readConfig({}, {}, '.');

/** Real instances with the default settings and one slot each, on a server that only this benchmark uses. */
export const leases: Benchmark = {
  name: 'leases',
  summary:
    `kill -9, a freeze, cancels and an outage of the database of ${OUTAGE_MS / 1000} s with the default settings ` +
    `(LEASE ${leaseSec} s, HEARTBEAT ${heartbeatSec} s, SWEEP_INTERVAL ${sweepSec} s)`,
  run: async ({ dir }) => {
    const figures = await Promise.all([
      withProxiedSite(path.join(dir, 'ends'), measureEnds),
      withProxiedSite(path.join(dir, 'stopped'), (site) => measureOutage(site, 'stopped')),
      withProxiedSite(path.join(dir, 'unreachable'), (site) => measureOutage(site, 'unreachable')),
    ]);
    return {
      figures: figures.flat(),
      notes: ['reclaimed: from kill -9 of the holder until another instance has the task'],
    };
  },
};

async function measureEnds(site: ProxiedSite): Promise<Figure[]> {
  const holders: { instance: Instance; taskId: string; engine: number }[] = [];
  while (holders.length <= VICTIM_COUNT) {
    const instance = await site.start();
    const taskId = await site.addTask(HANGS);
    holders.push({ instance, taskId, engine: await engineOf(instance, taskId) });
  }
  const survivor = await site.start({ ALIGNMENT_WORKERS: String(holders.length) });
  const [frozen, ...victims] = holders;
  if (frozen === undefined) throw new Error('no instance to freeze');

  frozen.instance.kill('SIGSTOP');
  const reclaims = victims.map(async ({ instance, taskId }, index) => {
    await pause(index * BETWEEN_KILLS_MS);
    instance.kill('SIGKILL');
    return await secondsUntil(survivor.event('task.started', (event) => event['taskId'] === taskId));
  });
  const reclaimSec = await Promise.all(reclaims);

  await survivor.event('task.started', (event) => event['taskId'] === frozen.taskId);
  frozen.instance.kill('SIGCONT');
  const lostSec = await secondsUntil(ended(frozen.engine));

  const cancelSec: number[] = [];
  for (const { taskId } of holders) {
    const engine = await engineOf(survivor, taskId);
    await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
    cancelSec.push(await secondsUntil(ended(engine)));
  }
  const floor = { name: 'LEASE + SWEEP_INTERVAL', value: leaseSec + sweepSec };
  return [
    { what: 'reclaimed, p50', value: percentile(reclaimSec, 50), unit: 's', beside: floor },
    {
      what: 'reclaimed, longest',
      value: Math.max(...reclaimSec),
      unit: 's',
      beside: floor,
      goal: { atMost: 60 },
    },
    {
      what: 'lease lost in a freeze, thawed until its engine is dead',
      value: lostSec,
      unit: 's',
      goal: { atMost: 5 },
    },
    {
      what: 'cancelled until the engine is dead, longest',
      value: Math.max(...cancelSec),
      unit: 's',
      goal: { atMost: 5 },
    },
  ];
}

async function measureOutage(site: ProxiedSite, how: keyof ProxiedSite['outages']): Promise<Figure[]> {
  const instances = [await site.start(), await site.start()];
  const taskIds = [await site.addTask(ENDS_IN_OUTAGE), await site.addTask(ENDS_AFTER_OUTAGE)];
  await Promise.all(taskIds.map((taskId) => Promise.race(instances.map((one) => engineOf(one, taskId)))));
  await site.outages[how](OUTAGE_MS);
  const waitedSec = await secondsUntil(
    Promise.race(
      instances.map((one) => one.event('task.completed', (event) => event['taskId'] === taskIds[0])),
    ),
  );
  await site.waitFor(taskIds[1] ?? '', 'completed', 'failed');
  const { rows } = await site.sql.query<{ reclaims: number; completed: number }>(
    "SELECT sum(fence - 1)::int AS reclaims, count(*) FILTER (WHERE task_status = 'completed')::int AS completed FROM tasks",
  );
  const { reclaims = Number.NaN, completed = 0 } = rows[0] ?? {};
  const starts = instances.flatMap(({ events }) => events).filter(({ event }) => event === 'engine.started');
  const figure = (what: string, value: number, goal: Goal): Figure => ({
    what: `database ${how}: ${what}`,
    value,
    unit: 'count',
    goal,
  });
  return [
    figure('false reclaims', reclaims, { atMost: 0 }),
    figure('starts of the engine for two tasks', starts.length, { atMost: 2 }),
    figure('tasks completed of two', completed, { atLeast: 2 }),
    { what: `database ${how}: a result that had to wait is there after`, value: waitedSec, unit: 's' },
  ];
}

/** @returns the engine's process, when it runs */
async function engineOf(instance: Instance, taskId: string): Promise<number> {
  return Number((await instance.event('engine.started', (event) => event['taskId'] === taskId))['pid']);
}

async function ended(pid: number): Promise<void> {
  while (isRunning(pid)) await pause(LOOK_INTERVAL_MS);
}

async function secondsUntil(event: Promise<unknown>): Promise<number> {
  const fromMs = performance.now();
  await event;
  return (performance.now() - fromMs) / 1000;
}
