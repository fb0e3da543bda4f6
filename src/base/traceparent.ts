import { randomBytes } from 'node:crypto';

/** A valid traceparent, of this or a later version. Source: W3C Trace Context, "traceparent Header Field Values". */
export const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** A place in a trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the span that all others of the task are below. */
  readonly spanId: string;
  readonly flags: number;
}

/** @returns null when it is no valid traceparent */
export function parseTraceparent(text: string | null): TraceContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** Begins a trace, marked as sampled: the site's collector decides which traces are kept. */
export function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
