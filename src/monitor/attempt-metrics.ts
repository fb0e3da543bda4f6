import { Counter, Histogram, type Registry } from 'prom-client';
import type { WorkerEvent, WorkerEventListener } from '../worker/events.ts';

/** Seconds. Tasks wait and run from a moment to a day: the usual buckets of Prometheus end at ten seconds. */
const BUCKETS = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400,
];
/** Replaces an engine that no driver knows: tasks may name any. */
const OTHER_ENGINE = 'other';

type Started = Extract<WorkerEvent, { kind: 'started' }>;
type Ended = Extract<WorkerEvent, { kind: 'ended' }>;

interface Running {
  readonly engine: string;
  stage: string;
  stageSinceMs: number;
}

/** Counts the attempts of this instance. Each label has few values, and all of them are known beforehand. */
export class AttemptMetrics {
  readonly #engines: ReadonlySet<string>;
  readonly #running = new Map<string, Running>();
  readonly #wait: Histogram<'engine'>;
  readonly #run: Histogram<'engine' | 'outcome'>;
  readonly #stage: Histogram<'stage'>;
  readonly #audio: Counter<'engine'>;
  readonly #attempts: Counter<'engine' | 'outcome' | 'error_code'>;
  readonly #leasesLost: Counter;
  readonly #refused: Counter;

  /** @param engines - names that may be labels */
  constructor(registry: Registry, engines: Iterable<string>) {
    this.#engines = new Set(engines);
    const registers = [registry];
    this.#wait = new Histogram({
      name: 'autophon_task_wait_seconds',
      help: 'From when a task was queued to the start of an attempt',
      labelNames: ['engine'],
      buckets: BUCKETS,
      registers,
    });
    this.#run = new Histogram({
      name: 'autophon_task_run_seconds',
      help: 'From the start of an attempt to its end',
      labelNames: ['engine', 'outcome'],
      buckets: BUCKETS,
      registers,
    });
    this.#stage = new Histogram({
      name: 'autophon_stage_seconds',
      help: 'Duration of a stage of an attempt; the last one that it came to includes writing its end',
      labelNames: ['stage'],
      buckets: BUCKETS,
      registers,
    });
    this.#audio = new Counter({
      name: 'autophon_audio_seconds_total',
      help: 'Length of the recordings of completed tasks',
      labelNames: ['engine'],
      registers,
    });
    this.#attempts = new Counter({
      name: 'autophon_attempts_total',
      help: 'Attempts that have ended; error_code is empty where there was no error',
      labelNames: ['engine', 'outcome', 'error_code'],
      registers,
    });
    this.#leasesLost = new Counter({
      name: 'autophon_leases_lost_total',
      help: 'Attempts that were given up because their lease could not be renewed',
      registers,
    });
    this.#refused = new Counter({
      name: 'autophon_results_refused_total',
      help: 'Attempts that came to an end which could not be written: another one had the task, or the database refused it',
      registers,
    });
  }

  readonly note: WorkerEventListener = (event) => {
    switch (event.kind) {
      case 'started':
        return this.#started(event);
      case 'stage':
        return this.#endStage(event, event.stage);
      case 'ended':
        return this.#ended(event);
      case 'engine':
        return;
    }
  };

  #started(event: Started): void {
    const engine = this.#labelOf(event.engine);
    this.#running.set(keyOf(event), { engine, stage: 'prepare', stageSinceMs: performance.now() });
    if (event.waitedSec !== undefined) this.#wait.observe({ engine }, Math.max(0, event.waitedSec));
  }

  #endStage(event: WorkerEvent, next: string | null): void {
    const running = this.#running.get(keyOf(event));
    if (running === undefined) return;
    const nowMs = performance.now();
    this.#stage.observe({ stage: running.stage }, (nowMs - running.stageSinceMs) / 1000);
    if (next === null) this.#running.delete(keyOf(event));
    else Object.assign(running, { stage: next, stageSinceMs: nowMs });
  }

  #ended(event: Ended): void {
    const engine = this.#running.get(keyOf(event))?.engine ?? OTHER_ENGINE;
    this.#endStage(event, null);
    const outcome = event.fate.replaceAll(' ', '_');
    this.#run.observe({ engine, outcome }, event.seconds);
    this.#attempts.inc({ engine, outcome, error_code: event.code ?? '' });
    if (event.fate === 'completed') this.#audio.inc({ engine }, event.audioSec ?? 0);
    if (event.fate !== 'lost') return;
    if (event.code === 'E_LEASE_LOST') this.#leasesLost.inc();
    else if (event.code === null) this.#refused.inc();
  }

  #labelOf(engine: string | null): string {
    return engine !== null && this.#engines.has(engine) ? engine : OTHER_ENGINE;
  }
}

function keyOf({ taskId, fence }: WorkerEvent): string {
  return `${taskId} ${fence}`;
}
