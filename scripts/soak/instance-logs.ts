import type { LogEvent } from '../../src/base/log-events.ts';
import type { InstanceEvent } from './instance.ts';

/** An attempt that an instance gave up because the task was no longer its own. */
export interface Loss {
  readonly atMs: number;
  readonly taskId: string;
  readonly reason: string;
}

/** Facts in the logs of the instances that neither the database nor the disk has at the end. */
export class InstanceLogs {
  readonly eventCounts = new Map<string, number>();
  readonly losses: Loss[] = [];
  /** Ends of attempts that could not be written, with the reason. */
  readonly unsettled: string[] = [];
  /** Results of earlier attempts that a later one has adopted because the audio was gone. */
  readonly adopted = new Set<string>();
  /** Signs that the database refused a text. */
  readonly unwritable: string[] = [];

  add(event: InstanceEvent): void {
    const { event: name } = event;
    this.eventCounts.set(name, (this.eventCounts.get(name) ?? 0) + 1);
    const is = (wanted: LogEvent) => name === wanted;
    const taskId = String(event['taskId'] ?? '');
    const error = String(event['error'] ?? '');
    if (is('task.lost')) this.losses.push({ atMs: Date.now(), taskId, reason: String(event['reason']) });
    if (is('task.end_left_to_lease') && !STOPPED.test(error)) this.unsettled.push(`${taskId}: ${error}`);
    if (is('result.adopted')) this.adopted.add(String(event['result']));
    if (TEXT_FAULT.test(error)) this.unwritable.push(`${name}: ${error}`);
  }
}

/** An instance that has to stop while the database is away gives the attempt up, and the lease then ends it. */
const STOPPED = /stop/;
/** Postgres's errors for text or JSON that it cannot store. */
const TEXT_FAULT = /invalid byte sequence|unsupported Unicode escape|invalid input syntax for type json/;
