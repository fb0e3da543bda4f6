import type { Db } from '../db/connect.ts';
import { countLateDeliveries } from '../db/deliveries.ts';

/**
 * A message for operators about receivers that should have been told of the end of a task minutes ago; null: there are
 * none.
 */
export async function describeLateDeliveries(db: Db): Promise<string | null> {
  const { count, receiver, answer } = await countLateDeliveries(db);
  if (count === 0) return null;
  return `messages that are late: ${count}, the oldest to ${receiver}: ${answer ?? 'no worker has tried it'}`;
}
