import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { BlockList } from 'node:net';
import { messageOf } from '../base/errors.ts';
import { unlessAborted } from '../base/unless-aborted.ts';
import { programVersion } from '../base/version.ts';
import { findWebhookFault } from '../base/web-origin.ts';
import type { ClaimedDelivery } from '../db/deliveries.ts';
import { findAddresses, lookupOf } from './addresses.ts';
import type { DeliveryAttempt } from './attempt.ts';
import { sign } from './signature.ts';

/** Where requests may go, and the keys that sign them. */
export interface WebhookPolicy {
  readonly origins: readonly string[];
  /** Networks that may be used although they are not public. */
  readonly networks: BlockList;
  readonly keys: readonly Buffer[];
  /** For the whole request: name look-up, connection, answer. */
  readonly timeoutSec: number;
}

/** The receiver wants no more messages at this URL. */
const GONE = 410;
/** Only the status of an answer counts. Of its body this much is read, so that a short answer can end normally. */
const MAX_ANSWER_BYTES = 4_096;

/** Sends one request. Errors are described in the answer; only an abort by `signal` is thrown. */
export async function sendWebhook(
  delivery: ClaimedDelivery,
  policy: WebhookPolicy,
  signal: AbortSignal,
): Promise<DeliveryAttempt> {
  const limit = AbortSignal.timeout(policy.timeoutSec * 1000);
  const stop = AbortSignal.any([signal, limit]);
  try {
    const fault = findWebhookFault(delivery.url, policy.origins);
    if (fault !== null) return { outcome: 'failed', answer: fault };
    const url = new URL(delivery.url);
    const addresses = await unlessAborted(stop, findAddresses(url.hostname, policy.networks));
    const response = await send(url, delivery, policy, {
      lookup: lookupOf(addresses),
      signal: stop,
    });
    return toAttempt(response);
  } catch (error) {
    signal.throwIfAborted();
    const answer = limit.aborted ? `no answer within ${policy.timeoutSec} s` : messageOf(error);
    return { outcome: 'failed', answer };
  }
}

function send(
  url: URL,
  { messageId, body }: ClaimedDelivery,
  { keys }: WebhookPolicy,
  options: RequestOptions,
): Promise<IncomingMessage> {
  const timestampSec = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'user-agent': `autophon/${programVersion()}`,
    'webhook-id': messageId,
    'webhook-timestamp': timestampSec,
    'webhook-signature': sign(keys, messageId, timestampSec, body),
  };
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    let received: IncomingMessage | null = null;
    const request = start(url, { ...options, method: 'POST', agent: false, headers }, (response) => {
      received = response;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) response.destroy();
      });
      response.on('error', () => undefined);
      response.on('close', () => resolve(response));
    });
    // The status has arrived, so it does not matter how the answer ends.
    request.on('error', (error) => (received === null ? reject(error) : resolve(received)));
    request.end(body);
  });
}

function toAttempt({ statusCode = 0, statusMessage = '', headers }: IncomingMessage): DeliveryAttempt {
  const answer = `HTTP ${statusCode} ${statusMessage}`.trim();
  if (statusCode >= 200 && statusCode < 300) return { outcome: 'delivered', answer };
  if (statusCode === GONE) return { outcome: 'unwanted', answer };
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const to = headers.location === undefined ? '' : ` to ${headers.location}`;
  return { outcome: 'failed', answer: isRedirect ? `${answer}${to}: redirects are not followed` : answer };
}
