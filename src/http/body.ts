import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { TaskError } from '../base/errors.ts';
import { refuse } from './problem.ts';

/** The smallest amount of a body that must arrive in each period; otherwise the client is disconnected. */
const WINDOW_MS = 20_000;
const MIN_WINDOW_BYTES = 16 * 1024;
const KEEP_ALIVE_MS = 30_000;
const PRIVATE = 0o600;

/**
 * The body of a request as it arrives.
 * @throws Refusal when no more arrives; the reason of `signal`
 */
export async function* readBody(request: IncomingMessage, signal: AbortSignal): AsyncGenerator<Buffer> {
  let windowBytes = 0;
  let isLate = false;
  const timer = setInterval(() => {
    isLate = windowBytes < MIN_WINDOW_BYTES;
    windowBytes = 0;
    if (isLate) request.destroy();
  }, WINDOW_MS);
  const onAbort = () => request.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      windowBytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isLate) throw refuse(408, 'the body of the request paused for too long');
    throw error;
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Lets a client whose request was read wait for its answer as long as needed, although no data is sent meanwhile. A
 * client that has left is noticed by TCP keep-alive.
 */
export function letWait({ socket }: IncomingMessage): void {
  socket.setTimeout(0);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

/** @throws Refusal, TaskError E_USAGE when it is not JSON, or longer than `maxBytes` */
export async function readJson(
  request: IncomingMessage,
  signal: AbortSignal,
  maxBytes = 1024 * 1024,
): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type)) {
    throw refuse(415, `expected a body with Content-Type: application/json, found ${JSON.stringify(type)}`);
  }
  const text = (await readBodyBytes(request, signal, maxBytes)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TaskError('E_USAGE', 'the body is not JSON', { cause });
  }
}

/** @throws Refusal when it is longer than `maxBytes` */
export async function readBodyBytes(
  request: IncomingMessage,
  signal: AbortSignal,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readBody(request, signal)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw refuse(413, `the body is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Writes a body to a new file. @throws Refusal when it is longer than `maxBytes` */
export async function saveBody(
  request: IncomingMessage,
  signal: AbortSignal,
  file: string,
  maxBytes: number,
): Promise<void> {
  let bytes = 0;
  const limited = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of readBody(request, signal)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw refuse(413, `the body is longer than ${maxBytes} bytes`);
      yield chunk;
    }
  };
  await pipeline(limited, createWriteStream(file, { flags: 'wx', mode: PRIVATE }));
}
