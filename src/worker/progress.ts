import { TaskError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { unlessAborted } from '../base/unless-aborted.ts';
import { type Counts, type NamedFence, noteProgress } from '../db/attempts.ts';
import type { Db } from '../db/connect.ts';
import type { StageReport, TaskCounts } from '../pipeline/stage.ts';
import { eventsOf, type TracedFence, type WorkerEvents } from './events.ts';
import type { Lease } from './lease.ts';

/**
 * Progress within a stage is for people, so it is written only from time to time. A change of stage is written at once.
 */
const MIN_INTERVAL_MS = 2_000;

/**
 * Writes the progress of an attempt without delaying it: one write at a time, and the latest report wins. A write that
 * finds the task gone ends the attempt.
 */
export class ProgressWriter {
  readonly #db: Db;
  readonly #fence: NamedFence & TracedFence;
  readonly #lease: Lease;
  readonly #log: Log;
  readonly #events: WorkerEvents;
  #latest: StageReport | null = null;
  #written: StageReport = { stage: 'prepare', progress: 0 };
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The claim has just written the first stage, so it need not be written again. */
  #lastWriteMs = performance.now();
  /** Whether the last write failed: then a change of stage is not written at once. */
  #isHeldUp = false;
  #closed = false;

  constructor(
    db: Db,
    fence: NamedFence & TracedFence,
    lease: Lease,
    { log, events }: { readonly log: Log; readonly events: WorkerEvents },
  ) {
    this.#db = db;
    this.#fence = fence;
    this.#lease = lease;
    this.#log = log;
    this.#events = events;
  }

  report(report: StageReport): void {
    if (this.#closed) return;
    if (report.stage !== (this.#latest ?? this.#written).stage) {
      this.#events.emit({ ...eventsOf(this.#fence), kind: 'stage', stage: report.stage });
    }
    this.#latest = { ...report, ...keepCounts(this.#latest ?? this.#written, report) };
    this.#schedule();
  }

  /** Waits for the write under way; later reports are dropped. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    // It may wait for a session that has locked the row. A task that is handed back has no time for that.
    await unlessAborted(this.#lease.signal, this.#writing ?? Promise.resolve()).catch(() => undefined);
  }

  #schedule(): void {
    if (this.#writing !== null || this.#latest === null || this.#closed) return;
    const isUrgent = this.#latest.stage !== this.#written.stage && !this.#isHeldUp;
    const waitMs = isUrgent ? 0 : this.#lastWriteMs + MIN_INTERVAL_MS - performance.now();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (waitMs > 0) this.#timer = setTimeout(() => this.#write(), waitMs);
    else this.#write();
  }

  #write(): void {
    const report = this.#latest;
    if (report === null || this.#closed || this.#writing !== null) return;
    this.#lastWriteMs = performance.now();
    this.#writing = noteProgress(
      this.#db,
      this.#fence,
      report.stage,
      report.progress,
      toColumns(report.counts),
    )
      .then((isOurs) => {
        this.#written = report;
        this.#isHeldUp = false;
        if (this.#latest === report) this.#latest = null;
        if (!isOurs)
          this.#lease.abort(
            new TaskError('E_LEASE_LOST', 'the task was cancelled, or given to another attempt'),
          );
      })
      // The lease decides whether the task is lost; progress is not important enough.
      .catch((error) => {
        if (!this.#isHeldUp) this.#log.warn('task.progress_delayed', { error });
        this.#isHeldUp = true;
      })
      .finally(() => {
        this.#writing = null;
        this.#schedule();
      });
  }
}

function keepCounts(before: StageReport, report: StageReport): { counts?: TaskCounts } {
  const counts = report.counts ?? before.counts;
  return counts === undefined ? {} : { counts };
}

/** The counts of a task under their column names. */
export function toColumns(counts: TaskCounts | undefined): Counts | null {
  if (counts === undefined) return null;
  return {
    no_of_files: counts.fileCount,
    no_of_tiers: counts.tierCount,
    words: counts.wordCount,
    missing_words: counts.missingWordCount,
    audio_seconds: counts.audioSec,
    size_bytes: counts.inputBytes,
  };
}
