import type { Db } from '../db/connect.ts';
import { listDeliveries } from '../db/deliveries.ts';
import { listEvents, listStages, type TaskEvent } from '../db/tasks.ts';

/** One attempt at a task. */
export interface PastAttempt {
  readonly fence: number;
  readonly instance: string | null;
  readonly started_at: Date;
  /** Null: it is running. */
  readonly ended_at: Date | null;
  /** The status that it ended with; `lost`: another attempt took the task over. */
  readonly outcome: string | null;
}

/** The history of a task, oldest first. */
export async function readHistory(db: Db, rowId: string) {
  const [events, stages, deliveries] = await Promise.all([
    listEvents(db, rowId),
    listStages(db, rowId),
    listDeliveries(db, rowId),
  ]);
  return { events, stages, attempts: findAttempts(events), deliveries };
}

function findAttempts(events: readonly TaskEvent[]): PastAttempt[] {
  const attempts: PastAttempt[] = [];
  let running: Omit<PastAttempt, 'ended_at' | 'outcome'> | null = null;
  const end = (ended_at: Date | null, outcome: string | null) => {
    if (running !== null) attempts.push({ ...running, ended_at, outcome });
    running = null;
  };
  let fence = 0;
  for (const event of events) {
    const { at, to_status, instance } = event;
    if (event.fence > fence) {
      end(at, 'lost');
      fence = event.fence;
      running = { fence, instance, started_at: at };
    }
    if (to_status !== 'processing') end(at, to_status);
  }
  end(null, null);
  return attempts;
}
