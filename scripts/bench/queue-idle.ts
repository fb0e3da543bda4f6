import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark } from './benchmark.ts';
import { drain, startComparedWorker } from './compared-workers.ts';
import { readProcessUse } from './machine.ts';
import type { BenchProcess } from './processes.ts';
import { createSite } from './site.ts';
import { countStatements, listStatements, sumOf } from './statements.ts';

/** Long enough for each maintenance task to run once: all run at least once a minute. */
const IDLE_SEC = 60;
/** Every process has already had something to do, so that its code is loaded. */
const TASK_COUNT = 4;
const SLOT_COUNT = 2;
const MB = 1024 ** 2;

interface Idle {
  readonly residentMb: number;
  readonly cpuShare: number;
}

export const queueIdle: Benchmark = {
  name: 'queue-idle',
  summary: `an instance and its peer that have nothing to do for ${IDLE_SEC} s`,
  run: async (context) => {
    await using site = await createSite(context, { logStatements: true });
    const worker = await startComparedWorker('worker', site, { slots: SLOT_COUNT });
    await using ours = worker.process;
    const graphile = await startComparedWorker('graphile-worker', site, { slots: SLOT_COUNT });
    await using theirs = graphile.process;
    for (const comparedWorker of [worker, graphile]) {
      await drain(comparedWorker, await comparedWorker.makeTasks(TASK_COUNT));
    }
    await site.database.takeStatements();
    const [use, useOfPeer] = await Promise.all([
      watchIdle(ours, context.signal),
      watchIdle(theirs, context.signal),
    ]);
    const statements = await site.database.takeStatements();
    const sent = countStatements(statements, 'autophon');
    const sentByPeer = countStatements(statements, 'graphile');
    const beside = (value: number) => ({ name: 'graphile-worker', value });
    return {
      figures: [
        {
          what: 'statements per second',
          value: sumOf(sent) / IDLE_SEC,
          unit: '1/s',
          beside: beside(sumOf(sentByPeer) / IDLE_SEC),
          goal: { atMost: 1 },
        },
        {
          what: 'resident memory',
          value: use.residentMb,
          unit: 'MB',
          beside: beside(useOfPeer.residentMb),
          goal: { atMost: 200 },
        },
        { what: 'share of one core', value: use.cpuShare, unit: 'share', beside: beside(useOfPeer.cpuShare) },
      ],
      notes: ['the worker, per second:', ...listStatements(sent, IDLE_SEC)],
    };
  },
};

async function watchIdle({ pid }: BenchProcess, signal: AbortSignal): Promise<Idle> {
  const before = await readProcessUse(pid);
  await delay(IDLE_SEC * 1000, undefined, { signal });
  const after = await readProcessUse(pid);
  return {
    residentMb: after.residentBytes / MB,
    cpuShare: (after.cpuSec - before.cpuSec) / IDLE_SEC,
  };
}
