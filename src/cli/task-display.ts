import { shortId } from '../base/short-id.ts';
import { formatDuration, isLater } from '../base/time.ts';
import { estimateLeftSec } from '../base/time-left.ts';
import type { TaskStatus } from '../db/schema.ts';
import type { Snapshot, TaskView } from '../tasks/wait.ts';
import type { Output } from './output.ts';
import { formatBar, formatPercent, PERCENT_WIDTH } from './progress-bar.ts';
import { formatAhead, formatLater, formatSecondsTaken, joinLeft, paintStatus } from './task-text.ts';
import { displayWidth, pad, truncate } from './terminal-text.ts';

const BAR_WIDTH = 24;
/** For narrow terminals. */
const MIN_BAR_WIDTH = 6;
const MIN_NAME_WIDTH = 8;
const STATUS_WIDTH = 'processing'.length;
const GAP = '  ';
const HAVE_BEGUN: readonly TaskStatus[] = ['processing', 'completed', 'failed'];
/** Without a terminal, there is a new line after this much progress within a stage. */
const LINE_EVERY_SHARE = 0.25;

export interface TaskDisplayOptions {
  /** The name to show for a task; not there: its short id. */
  readonly nameOf?: (taskId: string) => string;
  /** Whether to say why no worker takes the tasks. */
  readonly expectsWorker: boolean;
}

/** Shows tasks while they run: on a terminal one bar per task, redrawn; elsewhere a line per change. */
export class TaskDisplay {
  readonly #output: Output;
  readonly #options: TaskDisplayOptions;
  readonly #startedMs = new Map<string, number>();
  readonly #lastSaid = new Map<string, string>();
  readonly #printedReasons = new Set<string>();

  constructor(output: Output, options: TaskDisplayOptions) {
    this.#output = output;
    this.#options = options;
  }

  show(snapshot: Snapshot): void {
    const { tasks } = snapshot;
    const waitReasons = this.#options.expectsWorker ? snapshot.waitReasons : [];
    for (const view of tasks) this.#noteStart(view);
    if (this.#output.isTerminal) {
      const hints = waitReasons.map((one) => this.#output.paint(one, 'yellow'));
      this.#output.draw([...this.#bars(tasks), ...hints]);
      return;
    }
    for (const view of tasks) this.#sayChange(view);
    for (const one of waitReasons) {
      if (!this.#printedReasons.has(one)) this.#output.line(one);
      this.#printedReasons.add(one);
    }
  }

  /** Time is measured from when an attempt is first seen: clocks of other machines may differ. */
  #noteStart({ task }: TaskView): void {
    const key = `${task.task_id} ${task.fence}`;
    if (task.task_status === 'processing' && !this.#startedMs.has(key)) {
      this.#startedMs.set(key, performance.now());
    }
  }

  #elapsedSec({ task }: TaskView): number {
    const startedMs = this.#startedMs.get(`${task.task_id} ${task.fence}`);
    return startedMs === undefined ? 0 : (performance.now() - startedMs) / 1000;
  }

  #bars(tasks: readonly TaskView[]): string[] {
    const names = tasks.map(({ task }) => this.#name(task.task_id));
    const nameWidth = Math.max(...names.map(displayWidth));
    const { isShort, room } = this.#measure(tasks);
    const barWidth = Math.max(MIN_BAR_WIDTH, Math.min(BAR_WIDTH, room - nameWidth));
    const shownWidth = Math.min(nameWidth, Math.max(MIN_NAME_WIDTH, room - barWidth));
    return tasks.map((view, index) => {
      const { task } = view;
      const share = task.task_status === 'completed' ? 1 : task.progress;
      const name = pad(truncate(names[index] ?? '', shownWidth), shownWidth);
      const status = pad(paintStatus(task.task_status, this.#output), STATUS_WIDTH);
      return [name, formatBar(share, barWidth), status, this.#describe(view, isShort)].join(GAP);
    });
  }

  /**
   * A narrow terminal cuts the end of a line, where the time left or taken is. So names and bars become narrower for it;
   * for the place in the queue only while no task has begun; for a note, which may be a sentence, never.
   * @returns the columns for name and bar, and whether the text after them has to be short
   */
  #measure(tasks: readonly TaskView[]): { isShort: boolean; room: number } {
    const begun = tasks.filter(({ task }) => HAVE_BEGUN.includes(task.task_status));
    const waiting = tasks.filter(({ task }) => task.task_status === 'uploaded' && task.status_note === null);
    const measured = begun.length > 0 ? begun : waiting;
    const roomBeside = (isShort: boolean) => {
      const detail = Math.max(0, ...measured.map((view) => displayWidth(this.#describe(view, isShort))));
      return this.#output.columns - 1 - 3 * GAP.length - PERCENT_WIDTH - STATUS_WIDTH - detail;
    };
    const isShort = roomBeside(false) < MIN_NAME_WIDTH + MIN_BAR_WIDTH;
    return { isShort, room: roomBeside(isShort) };
  }

  #describe(view: TaskView, isShort = false): string {
    const { task, leftSec: known } = view;
    switch (task.task_status) {
      case 'uploading':
        return 'its files are being copied';
      case 'uploaded':
        return [task.status_note, isLater(task) ? formatLater(task) : describePlace(view)]
          .filter((text) => text !== null)
          .join('; ');
      case 'processing': {
        const elapsedSec = this.#elapsedSec(view);
        const leftSec = known ?? estimateLeftSec(task.progress, elapsedSec);
        if (isShort && leftSec !== null) return `${formatDuration(leftSec)} left`;
        const left = leftSec === null ? '' : `, about ${formatDuration(leftSec)} left`;
        return `${task.stage ?? ''} ${formatDuration(elapsedSec)}${left}`;
      }
      case 'completed':
        return `in ${formatSecondsTaken(task)}`;
      case 'failed':
        return task.error_code ?? '';
      default:
        return task.status_note ?? '';
    }
  }

  #sayChange(view: TaskView): void {
    const { task } = view;
    const isRunning = task.task_status === 'processing';
    const where = isRunning ? [task.stage, Math.floor(task.progress / LINE_EVERY_SHARE)] : [];
    const change = [task.task_status, task.fence, ...where].join(' ');
    if (this.#lastSaid.get(task.task_id) === change) return;
    this.#lastSaid.set(task.task_id, change);
    const detail = isRunning ? `${task.stage}, ${formatPercent(task.progress)}` : this.#describe(view);
    this.#output.line(
      `${this.#name(task.task_id)}: ${[task.task_status, detail].filter(Boolean).join(': ')}`,
    );
  }

  #name(taskId: string): string {
    return this.#options.nameOf?.(taskId) ?? shortId(taskId);
  }
}

function describePlace({ queuePlace: place, leftSec }: TaskView): string | null {
  if (place === null) return null;
  if (place.delay_sec >= 1) return `next attempt in ${formatDuration(place.delay_sec)}`;
  return joinLeft(place.ahead === 0 ? 'next in the queue' : formatAhead(place.ahead), leftSec);
}
