import type { LogEvent } from './log-events.ts';
import type { LogFields } from './log-lines.ts';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
export type LogFormat = 'text' | 'json';

/** @param text - instead of the text that the event has in `LOG_EVENTS` */
export type WriteEvent = (event: LogEvent, fields?: LogFields, text?: string) => void;

/** An event per line, with fields. Passed in, never imported as a singleton. */
export interface Log {
  readonly debug: WriteEvent;
  readonly info: WriteEvent;
  readonly warn: WriteEvent;
  readonly error: WriteEvent;
  /** The same log with fields that every later event carries. */
  with(fields: LogFields): Log;
}

/** A log that keeps nothing, for one-shot commands. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLog,
};
