import type { Log } from '../base/log.ts';
import { toBlockList } from '../base/networks.ts';
import type { Config } from '../config.ts';
import { connect } from '../db/connect.ts';
import { type DoneCommand, runDoneCommand } from '../deliveries/command.ts';
import { Deliverer, type DelivererOptions } from '../deliveries/deliverer.ts';
import { makeMessage } from '../deliveries/message.ts';
import { readSecrets } from '../deliveries/signature.ts';
import { sendWebhook, type WebhookPolicy } from '../deliveries/webhook.ts';

const WEBHOOK_LIMIT_SEC = 15;
const COMMAND_LIMIT_SEC = 60;

/**
 * What tells other programs of the end of tasks, with a connection of its own.
 * @returns null: no setting asks for it
 * @throws TaskError E_CONFIG when the file of the keys cannot be used
 */
export async function makeDeliverer(config: Config, url: string, log: Log): Promise<Deliverer | null> {
  const { deliveries, sweepSec } = config;
  const senders = { ...(await webhookSender(deliveries)), ...commandSender(config) };
  if (Object.keys(senders).length === 0) return null;
  const db = connect({
    url,
    applicationName: 'autophon deliveries',
    maxConnections: 1,
    waitsForConnection: true,
    onConnectionLost: (error) => log.warn('database.connection_lost', { error }),
  });
  return new Deliverer({
    db,
    log,
    senders,
    makeBody: (end) => makeMessage(end, deliveries.publicUrl),
    everySec: sweepSec,
  });
}

async function webhookSender({
  origins,
  secretPath,
  networks,
}: Config['deliveries']): Promise<DelivererOptions['senders']> {
  if (origins.length === 0 || secretPath === null) return {};
  const policy: WebhookPolicy = {
    origins,
    networks: toBlockList(networks),
    keys: await readSecrets(secretPath),
    timeoutSec: WEBHOOK_LIMIT_SEC,
  };
  return { webhook: (delivery, signal) => sendWebhook(delivery, policy, signal) };
}

function commandSender({ deliveries, engines }: Config): DelivererOptions['senders'] {
  if (deliveries.doneCommand === null) return {};
  const command: DoneCommand = {
    program: deliveries.doneCommand,
    inherited: engines.inherited,
    timeoutSec: COMMAND_LIMIT_SEC,
  };
  return { command: (delivery, signal) => runDoneCommand(delivery, command, signal) };
}
