import type { BenchContext, Benchmark, Figure } from './benchmark.ts';
import { type ComparedWorkerName, drain, startComparedWorker } from './compared-workers.ts';
import type { ProcessEvent } from './processes.ts';
import { createSite } from './site.ts';

const TASK_COUNT = 200;
const SLOT_COUNT = 2;
const ENGINES = [
  { engineSec: 0, name: 'empty engine' },
  { engineSec: 0.05, name: '50 ms engine' },
] as const;

interface Drained {
  /** Share of the slots' time that was spent on tasks while tasks waited. */
  readonly busyShare: number;
  readonly tasksPerSec: number;
}

export const queueBacklog: Benchmark = {
  name: 'queue-backlog',
  summary: `${TASK_COUNT} tiny tasks wait, one instance with ${SLOT_COUNT} slots`,
  run: async (context) => {
    const figures: Figure[] = [];
    for (const { engineSec, name } of ENGINES) {
      const worker = await measure('worker', engineSec, context);
      const loop = await measure('hand-written loop', engineSec, context);
      const beside = (value: number) => ({ name: 'hand-written loop', value });
      figures.push(
        {
          what: `slots busy, ${name}`,
          value: worker.busyShare,
          unit: 'share',
          beside: beside(loop.busyShare),
          goal: { atLeast: 0.9 },
        },
        {
          what: `tasks, ${name}`,
          value: worker.tasksPerSec,
          unit: '1/s',
          beside: beside(loop.tasksPerSec),
        },
      );
    }
    const note =
      'the loop only starts the engine; the worker also reads, checks, aligns, packs, verifies and publishes';
    return { figures, notes: [note] };
  },
};

async function measure(name: ComparedWorkerName, engineSec: number, context: BenchContext): Promise<Drained> {
  await using site = await createSite(context);
  const comparedWorker = await startComparedWorker(name, site, { slots: SLOT_COUNT, engineSec });
  await using process = comparedWorker.process;
  await drain(comparedWorker, await comparedWorker.makeTasks(TASK_COUNT));
  return judge(process.events);
}

/** Tasks wait until the last one is taken. Until then a slot without a task is a fault. */
function judge(events: readonly ProcessEvent[]): Drained {
  const starts = new Map(timesOf(events, 'task.started'));
  const ends = timesOf(events, 'task.completed');
  const firstStartMs = Math.min(...starts.values());
  const lastStartMs = Math.max(...starts.values());
  const lastEndMs = Math.max(...ends.map(([, endMs]) => endMs));
  const busyMs = ends.reduce((sum, [id, endMs]) => {
    const startMs = starts.get(id) ?? endMs;
    return sum + Math.min(endMs, lastStartMs) - Math.min(startMs, lastStartMs);
  }, 0);
  return {
    busyShare: busyMs / (SLOT_COUNT * (lastStartMs - firstStartMs)),
    tasksPerSec: (TASK_COUNT * 1000) / (lastEndMs - firstStartMs),
  };
}

function timesOf(events: readonly ProcessEvent[], name: string): [id: string, atMs: number][] {
  return events.flatMap(({ event, id, atMs }) => (event === name && id !== undefined ? [[id, atMs]] : []));
}
