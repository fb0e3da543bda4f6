import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark, Figure, Findings } from './benchmark.ts';
import { type ComparedWorker, type ComparedWorkerName, startComparedWorker } from './compared-workers.ts';
import { nowMs, percentile, repeatableRandom } from './numbers.ts';
import { createSite } from './site.ts';

const ROW_COUNT = 200;
/** Not counted: at the first tasks connections are made and code is compiled. */
const WARM_UP_COUNT = 10;
const GAP_MS = { min: 5, max: 40 };
const PERCENTS = [50, 95, 99] as const;
const PEERS = ['hand-written loop', 'loop with our stages', 'graphile-worker'] as const;

/** Times of one row, in milliseconds since just before it was sent. */
interface Waking {
  readonly written: number;
  readonly claimed: number;
  /** The input was read and checked, if the worker does that. */
  readonly prepared: number | null;
  /** The engine's process ran. */
  readonly started: number;
}

type Wakings = ReadonlyMap<ComparedWorkerName, readonly Waking[]>;

export const queueWake: Benchmark = {
  name: 'queue-wake',
  summary: `a row is written (one INSERT) until the engine's process runs; idle, ${ROW_COUNT} rows one at a time`,
  run: async (context) => {
    await using site = await createSite(context);
    await using running = new AsyncDisposableStack();
    const comparedWorkers: ComparedWorker[] = [];
    for (const name of ['worker', ...PEERS] as const) {
      const comparedWorker = await startComparedWorker(name, site, { slots: 1 });
      running.use(comparedWorker.process);
      comparedWorkers.push(comparedWorker);
    }
    return describe(await measure(comparedWorkers, context.signal));
  },
};

/** Each worker gets each row, each time in another order, so that a disturbance from outside affects all alike. */
async function measure(comparedWorkers: readonly ComparedWorker[], signal: AbortSignal): Promise<Wakings> {
  const random = repeatableRandom(1);
  const lanes = await Promise.all(
    comparedWorkers.map(async (comparedWorker) => ({
      comparedWorker,
      ids: await comparedWorker.makeTasks(WARM_UP_COUNT + ROW_COUNT),
      wakings: [] as Waking[],
    })),
  );
  for (let round = 0; round < WARM_UP_COUNT + ROW_COUNT; round++) {
    const first = round % lanes.length;
    for (const { comparedWorker, ids, wakings } of [...lanes.slice(first), ...lanes.slice(0, first)]) {
      await delay(GAP_MS.min + random() * (GAP_MS.max - GAP_MS.min), undefined, { signal });
      const waking = await wakeOnce(comparedWorker, ids[round] ?? '');
      if (round >= WARM_UP_COUNT) wakings.push(waking);
    }
  }
  return new Map(lanes.map(({ comparedWorker, wakings }) => [comparedWorker.name, wakings]));
}

async function wakeOnce({ process, write }: ComparedWorker, id: string): Promise<Waking> {
  const sentMs = nowMs();
  await write([id]);
  const written = nowMs() - sentMs;
  // The next row starts when everything is idle.
  await process.event('task.completed', id);
  const since = (name: string, stage?: string): number | null => {
    const found = process.events.find(
      (one) => one.event === name && one.id === id && (stage === undefined || one['stage'] === stage),
    );
    return found === undefined ? null : found.atMs - sentMs;
  };
  return {
    written,
    claimed: since('task.started') ?? Number.NaN,
    prepared: since('stage.started', 'align'),
    started: since('engine.started') ?? Number.NaN,
  };
}

function describe(wakings: Wakings): Findings {
  const total = (name: ComparedWorkerName, percent: number): number =>
    percentile(
      (wakings.get(name) ?? []).map(({ started }) => started),
      percent,
    );
  const figures = PERCENTS.flatMap((percent) =>
    PEERS.map(
      (name): Figure => ({
        what: `row to engine, p${percent}`,
        value: total('worker', percent),
        unit: 'ms',
        beside: { name, value: total(name, percent) },
        ...(percent === 95 && name !== 'graphile-worker' ? { goal: { ratioAtMost: 1.5 } } : {}),
      }),
    ),
  );
  const notes = [...wakings].map(([name, all]) => `${name}: ${describeParts(all)}`);
  return { figures, notes: ['where the time goes, ms p50 / p95:', ...notes] };
}

function describeParts(wakings: readonly Waking[]): string {
  const part = (name: string, pick: (waking: Waking) => number): string => {
    const values = wakings.map(pick);
    return `${name} ${percentile(values, 50).toFixed(1)} / ${percentile(values, 95).toFixed(1)}`;
  };
  const hasPrepare = wakings.some(({ prepared }) => prepared !== null);
  return [
    part('INSERT', ({ written }) => written),
    part('row to claimed', ({ claimed }) => claimed),
    ...(hasPrepare ? [part('prepare', ({ claimed, prepared }) => (prepared ?? claimed) - claimed)] : []),
    part('start', ({ claimed, prepared, started }) => started - (prepared ?? claimed)),
  ].join(', ');
}
