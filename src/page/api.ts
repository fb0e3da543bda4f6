import type { Finding } from '../base/finding.ts';

const ROOT = '/api/v1';

/** An answer with an error, or no answer. */
export class Problem extends Error {
  /** 0: the server did not answer. */
  readonly status: number;
  readonly code: string;
  readonly faults: readonly Finding[];
  /** How the server identifies users, if it needs to know who the user is; null: it knows. */
  readonly mode: string | null;
  /** What to do if no user can sign in yet; null: nothing. */
  readonly hint: string | null;

  constructor(
    status: number,
    code: string,
    message: string,
    faults: readonly Finding[] = [],
    mode: string | null = null,
    hint: string | null = null,
  ) {
    super(message);
    this.mode = mode;
    this.hint = hint;
    this.status = status;
    this.code = code;
    this.faults = faults;
  }
}

/** The address of a path of the API. The parts are encoded. */
export function addressOf(...parts: readonly (string | number)[]): string {
  return [ROOT, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

/** The address of a file of a task. Its name may contain folders. */
export function fileAddress(taskId: string, name: string): string {
  return addressOf('tasks', taskId, 'files', ...name.split('/'));
}

/** The address of a corrected TextGrid beside the result of a task. */
export function correctionAddress(taskId: string, name: string): string {
  return addressOf('tasks', taskId, 'corrections', ...name.split('/'));
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** It is sent even if the page is closed at this moment. Its body must be small. */
  readonly keepalive?: boolean;
}

/**
 * Requests JSON. An empty answer is null.
 * @throws Problem
 */
export async function ask<Answer>(address: string, call: Call = {}): Promise<Answer> {
  const response = await fetchOrProblem(address, call);
  const text = await response.text();
  return (text === '' ? null : JSON.parse(text)) as Answer;
}

/** @throws Problem */
export async function askText(address: string, call: Call = {}): Promise<string> {
  return (await fetchOrProblem(address, call)).text();
}

/** Bytes with their version. @throws Problem */
export async function askBytes(
  address: string,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string }> {
  const response = await fetchOrProblem(address, {});
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    etag: response.headers.get('etag') ?? '',
  };
}

async function fetchOrProblem(
  address: string,
  { method = 'GET', body, headers = {}, signal, keepalive = false }: Call,
): Promise<Response> {
  const isJson = body !== undefined && typeof body !== 'string';
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      keepalive,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, 'OFFLINE', 'The server does not answer. The page tries again by itself.');
  }
  if (response.ok) return response;
  throw problemOf(response.status, await response.text());
}

/** @param text - a document of `application/problem+json`, or any other body */
export function problemOf(status: number, text: string): Problem {
  try {
    const said = JSON.parse(text) as {
      code?: string;
      title?: string;
      detail?: string;
      faults?: Finding[];
      mode?: string;
      hint?: string;
    };
    const message = said.detail ?? said.title ?? `The server answered ${status}.`;
    return new Problem(
      status,
      said.code ?? '',
      message,
      said.faults ?? [],
      said.mode ?? null,
      said.hint ?? null,
    );
  } catch {
    return new Problem(status, '', `The server answered ${status}.`);
  }
}
