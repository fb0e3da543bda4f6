import type { LogEvent } from '../../src/base/log-events.ts';
import type { InstanceEvent } from './instance.ts';

/** An attempt that an instance gave up: the task was not its own any more. */
export interface Loss {
  readonly atMs: number;
  readonly taskId: string;
  readonly reason: string;
}

/** What the logs of the instances say that neither the database nor the disk knows any more at the end. */
export class InstanceLogs {
  readonly eventCounts = new Map<string, number>();
  readonly losses: Loss[] = [];
  /** Ends of attempts that could not be written, with the reason. */
  readonly unsettled: string[] = [];
  /** Results of earlier attempts that a later one has taken, since the audio was gone. */
  readonly adopted = new Set<string>();
  /** Signs of life that a text has kept from being written. */
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

/** An instance that has to stop while the database is away gives up: the lease ends the attempt. */
const STOPPED = /stop/;
/** Of Postgres, for what it cannot store as text or JSON. */
const TEXT_FAULT = /invalid byte sequence|unsupported Unicode escape|invalid input syntax for type json/;
