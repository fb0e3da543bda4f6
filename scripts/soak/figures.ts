import type { EventRow, FinalRows } from './audit/final-rows.ts';
import type { Disturbance, FaultInjector } from './fault-injector.ts';
import type { Ended, Fleet } from './fleet.ts';
import type { CancelSample, Load } from './load.ts';

/** In seconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly max: number;
}

export interface MemoryFigures {
  readonly startBytes: number;
  readonly middleBytes: number;
  readonly endBytes: number;
  readonly peakBytes: number;
}

/** The measurements of a soak. Times in seconds. */
export interface SoakFigures {
  readonly fates: Readonly<Record<string, number>>;
  readonly waves: number;
  readonly cancelRequests: number;
  readonly retries: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
  /** From kill -9 to the next claim. */
  readonly reclaims: Spread;
  /** From the request to the death of the engine, on an undisturbed instance. */
  readonly cancels: Spread;
  /** The same on an instance that was frozen, cut off or being stopped meanwhile. */
  readonly disturbedCancels: Spread;
  /** From SIGTERM to the end of the process. */
  readonly stops: Spread;
  readonly memory: MemoryFigures;
  /** Tasks that were completed during load and faults. */
  readonly tasksPerSec: number;
  /** From the end of the faults until no work was left; null: not within the limit. */
  readonly settledSec: number | null;
  /** How often each event was in the logs of the instances. */
  readonly events: Readonly<Record<string, number>>;
}

/** What was observed while the soak went on. */
export interface Observed {
  readonly load: Load;
  readonly injector: FaultInjector;
  readonly fleet: Fleet;
  readonly memory: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly settledSec: number | null;
}

export function collectFigures(finalRows: FinalRows, observed: Observed): SoakFigures {
  const { load, injector, fleet, memory, fromMs, toMs, settledSec } = observed;
  const cancels = cancelTimes(load.cancels, injector.disturbances);
  return {
    fates: countBy(finalRows.tasks, ({ task_status, error_code }) =>
      task_status === 'failed' ? `failed ${error_code}` : task_status,
    ),
    waves: load.waveCount,
    cancelRequests: load.cancelCount,
    retries: load.retryCount,
    faults: Object.fromEntries(injector.counts),
    ends: countBy(fleet.ends, ({ kind }) => kind),
    reclaims: spreadOf(reclaimTimes(finalRows, fleet.ends)),
    cancels: spreadOf(cancels.calm),
    disturbedCancels: spreadOf(cancels.disturbed),
    stops: spreadOf(fleet.stopsMs.map((ms) => ms / 1000)),
    memory: memoryFigures(memory),
    tasksPerSec: throughput(finalRows, fromMs, toMs),
    settledSec,
    events: Object.fromEntries(fleet.instanceLogs.eventCounts),
  };
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const groups = Map.groupBy(items, keyOf);
  return Object.fromEntries([...groups].map(([key, group]) => [key, group.length]));
}

function spreadOf(seconds: readonly number[]): Spread {
  const sorted = [...seconds].sort((a, b) => a - b);
  return {
    count: sorted.length,
    p50: sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** From the death of an instance to the next claim of each task that it was running, by the history. */
function reclaimTimes(finalRows: FinalRows, ends: readonly Ended[]): number[] {
  const deaths = ends.filter(({ kind, instanceId }) => kind.startsWith('killed') && instanceId !== null);
  const times: number[] = [];
  for (const events of finalRows.events.values()) {
    for (const { instanceId, atMs } of deaths) {
      const last = events.findLastIndex(({ at }) => at.getTime() <= atMs);
      const held = events[last];
      if (held?.to_status !== 'processing' || held.instance !== instanceId) continue;
      const next = events.slice(last + 1).find((event) => event.fence > held.fence || isFinal(event));
      if (next !== undefined && next.fence > held.fence) times.push((next.at.getTime() - atMs) / 1000);
    }
  }
  return times;
}

function isFinal({ to_status }: EventRow): boolean {
  return ['failed', 'cancelled', 'completed'].includes(to_status);
}

/** Cancellations whose instance was undisturbed all the time, and the others. */
function cancelTimes(
  cancels: readonly CancelSample[],
  disturbances: readonly Disturbance[],
): { calm: number[]; disturbed: number[] } {
  const overlaps = (cancel: CancelSample) =>
    disturbances.some(
      ({ fromMs, toMs, slot }) =>
        (slot === null || slot === cancel.slot) && fromMs < cancel.toMs && toMs + SETTLING_MS > cancel.fromMs,
    );
  const seconds = (some: readonly CancelSample[]) => some.map(({ fromMs, toMs }) => (toMs - fromMs) / 1000);
  return {
    calm: seconds(cancels.filter((cancel) => !overlaps(cancel))),
    disturbed: seconds(cancels.filter(overlaps)),
  };
}

/** After a cut the listener needs a moment to reconnect. */
const SETTLING_MS = 2_000;

/** @param samples - one a second, of one process, from its first task on */
function memoryFigures(samples: readonly number[]): MemoryFigures {
  return {
    startBytes: samples[0] ?? Number.NaN,
    middleBytes: samples[Math.floor(samples.length / 2)] ?? Number.NaN,
    endBytes: samples.at(-1) ?? Number.NaN,
    peakBytes: Math.max(...samples),
  };
}

/** Tasks completed per second between two moments. */
function throughput(finalRows: FinalRows, fromMs: number, toMs: number): number {
  let count = 0;
  for (const events of finalRows.events.values()) {
    for (const { at, from_status, to_status } of events) {
      const isInside = at.getTime() >= fromMs && at.getTime() < toMs;
      if (isInside && from_status === 'processing' && to_status === 'completed') count += 1;
    }
  }
  return count / ((toMs - fromMs) / 1000);
}
