import type { ColumnType, Generated } from 'kysely';

/** How a receiver is told. */
export type DeliveryKind = 'webhook' | 'command';
export type DeliveryState = 'waiting' | 'delivered' | 'given up';

export interface DeliveriesTable {
  id: Generated<string>;
  task: string;
  message_id: Generated<string>;
  kind: DeliveryKind;
  url: string | null;
  status: 'completed' | 'failed' | 'cancelled';
  error_code: string | null;
  ended_at: Date;
  body: string | null;
  state: Generated<DeliveryState>;
  attempts: Generated<number>;
  next_at: Generated<Date>;
  answer: string | null;
  finished_at: ColumnType<Date | null, Date | undefined, Date>;
}

export interface WebhooksTable {
  user_uuid: string;
  url: string;
}
