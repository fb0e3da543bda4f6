import type { Db } from '../db/connect.ts';
import { countLateDeliveries } from '../db/deliveries.ts';

/** What an operator should know of receivers that have not been told of the end of a task for minutes; null: all have. */
export async function describeLateDeliveries(db: Db): Promise<string | null> {
  const { count, receiver, answer } = await countLateDeliveries(db);
  if (count === 0) return null;
  return `messages that are late: ${count}, the oldest to ${receiver}: ${answer ?? 'no worker has tried it'}`;
}
