import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf, TaskError } from '../base/errors.ts';

/** Keys of Standard Webhooks: at least 24 random bytes, after this prefix. */
const PREFIX = 'whsec_';
const MIN_BYTES = 24;
const MAX_FILE_BYTES = 100_000;
const HOW_TO = 'make the file with: echo "whsec_$(openssl rand -base64 32)" > FILE';

/**
 * The keys of the file WEBHOOK_SECRET, one on each line. While a key is being replaced, the file has both, and a
 * request is signed with each.
 * @throws TaskError E_CONFIG
 */
export async function readSecrets(file: string): Promise<readonly Buffer[]> {
  const refuse = (problem: string) => new TaskError('E_CONFIG', `WEBHOOK_SECRET=${file}: ${problem}`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw refuse(`cannot be read: ${messageOf(error)}; ${HOW_TO}`);
  });
  const lines = text
    .slice(0, MAX_FILE_BYTES)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const keys = lines.map((line) => Buffer.from(line.replace(PREFIX, ''), 'base64'));
  // The lines are secrets, so no message quotes one.
  if (keys.length === 0 || lines.some((line) => !line.startsWith(PREFIX)) || keys.some(isShort))
    throw refuse(`expected ${PREFIX} and at least ${MIN_BYTES} bytes in base64 on each line; ${HOW_TO}`);
  return keys;
}

/** The header `webhook-signature` of Standard Webhooks (standardwebhooks.com), version 1. */
export function sign(keys: readonly Buffer[], messageId: string, timestampSec: number, body: string): string {
  const signed = `${messageId}.${timestampSec}.${body}`;
  return keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' ');
}

function isShort(key: Buffer): boolean {
  return key.length < MIN_BYTES;
}
