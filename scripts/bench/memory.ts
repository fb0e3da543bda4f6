import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark, Figure } from './benchmark.ts';
import type { BenchProcess, ProcessEvent } from './processes.ts';
import { createSite } from './site.ts';

const DEFAULT_COUNT = 20_000;
const BATCH = 250;
const SLOT_COUNT = 4;
/** At the first measurement everything that is loaded or compiled once is there. The last one is compared with it. */
const MEASURED_AT = [0.1, 0.25, 0.5, 0.75, 1] as const;
const LOOK_MS = 100;
/** Until chores, heartbeats and connections are idle. */
const REST_MS = 3_000;
const MB = 1024 ** 2;

interface Measured {
  readonly heapMb: number;
  readonly residentMb: number;
  readonly handles: number;
  readonly timers: number;
}

export const memory: Benchmark = {
  name: 'memory',
  summary: 'what one instance holds while it runs many trivial tasks, each with a process of its own',
  isLong: true,
  run: async (context) => {
    await using site = await createSite(context);
    await using worker = await site.start('memory-main.ts', { slots: SLOT_COUNT });
    const count = context.count ?? DEFAULT_COUNT;
    let done = 0;
    const runUntil = async (share: number) => {
      const end = Math.round(count * share);
      while (done < end) {
        const ids = await site.makeTasks(Math.min(BATCH, end - done));
        await site.queue(ids);
        done += ids.length;
        await untilEnded(worker, done);
      }
      return await measure(worker);
    };
    const start = await runUntil(MEASURED_AT[0]);
    const notes = [describe(done, start)];
    let end = start;
    for (const share of MEASURED_AT.slice(1)) {
      end = await runUntil(share);
      notes.push(describe(done, end));
    }
    return { figures: compare(start, end), notes };
  },
};

function describe(tasks: number, { heapMb, residentMb, handles, timers }: Measured): string {
  return `after ${tasks} tasks: heap after collection ${heapMb.toFixed(1)} MB, resident ${residentMb.toFixed(1)} MB, ${handles} handles, ${timers} timers`;
}

function compare(start: Measured, end: Measured): Figure[] {
  const name = 'after a tenth of the tasks';
  const goal = { ratioAtMost: 1.05 };
  return [
    {
      what: 'heap after collection',
      value: end.heapMb,
      unit: 'MB',
      beside: { name, value: start.heapMb },
      goal,
    },
    {
      what: 'resident memory',
      value: end.residentMb,
      unit: 'MB',
      beside: { name, value: start.residentMb },
      goal,
    },
    { what: 'handles', value: end.handles, unit: 'count', beside: { name, value: start.handles }, goal },
    { what: 'timers', value: end.timers, unit: 'count', beside: { name, value: start.timers }, goal },
  ];
}

const seen = new WeakMap<BenchProcess, { length: number; ended: number }>();

/** Each event is processed at once, because there are many. */
async function untilEnded(worker: BenchProcess, count: number): Promise<void> {
  const state = seen.get(worker) ?? { length: 0, ended: 0 };
  seen.set(worker, state);
  for (;;) {
    for (; state.length < worker.events.length; state.length++) {
      const event = worker.events[state.length]?.event ?? '';
      if (event === 'task.completed') state.ended += 1;
      if (event === 'task.failed') throw new Error('a task did not complete');
    }
    if (state.ended >= count) return;
    if (!worker.isRunning()) throw new Error('the instance has ended');
    await delay(LOOK_MS);
  }
}

async function measure(worker: BenchProcess): Promise<Measured> {
  await delay(REST_MS);
  const isMeasure = ({ event }: ProcessEvent) => event === 'measured';
  const before = worker.events.filter(isMeasure).length;
  process.kill(worker.pid, 'SIGUSR2');
  await worker.until((events) => events.filter(isMeasure).length > before);
  const last = worker.events.findLast(isMeasure);
  return {
    heapMb: Number(last?.['heapBytes']) / MB,
    residentMb: Number(last?.['residentBytes']) / MB,
    handles: Number(last?.['handles']),
    timers: Number(last?.['timers']),
  };
}
