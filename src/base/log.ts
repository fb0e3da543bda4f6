import { appendFileSync } from 'node:fs';
import path from 'node:path';
import winston from 'winston';
import { GROUP_READABLE } from './file-mode.ts';
import { LOG_EVENTS, type LogEvent } from './log-events.ts';
import { makeFolder } from './make-folder.ts';
import { limitText } from './storable-text.ts';
import { visibleLine } from './visible-text.ts';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** Fields of one event. Never transcript text, never secrets. */
export type LogFields = Record<string, unknown>;

/** @param text - in place of the words that the event has in `LOG_EVENTS` */
type WriteEvent = (event: LogEvent, fields?: LogFields, text?: string) => void;

/** An event per line, with fields. Passed in, never imported as a singleton. */
export interface Log {
  readonly debug: WriteEvent;
  readonly info: WriteEvent;
  readonly warn: WriteEvent;
  readonly error: WriteEvent;
  /** The same log with fields that every later event carries. */
  with(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Folder of `alignment_worker.log`; null: console only. */
  readonly dir: string | null;
  /** Whether events also go to standard error, where systemd's journal picks them up. */
  readonly console: boolean;
}

const FILE_NAME = 'alignment_worker.log';
const FILE_MAX_BYTES = 10 * 1024 * 1024;
const FILE_COUNT = 5;
/** Of the name of an event or of one field: a file that one line fills would push all others out. */
const MAX_VALUE_CHARS = 10_000;
const LEVELS: Record<LogLevel, string> = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' };

export interface ClosableLog extends Log {
  /** Writes out what is buffered. */
  close(): Promise<void>;
}

export function createLog(options: LogOptions): ClosableLog {
  const transports: winston.transport[] = [];
  if (options.console)
    transports.push(new winston.transports.Console({ stderrLevels: Object.values(LEVELS) }));
  if (options.dir !== null) {
    makeFolder(options.dir);
    // winston reports an unwritable file only as a late stream error: find out now, with the path in the message.
    appendFileSync(path.join(options.dir, FILE_NAME), '', { mode: GROUP_READABLE });
    transports.push(
      new winston.transports.File({
        dirname: options.dir,
        filename: FILE_NAME,
        maxsize: FILE_MAX_BYTES,
        maxFiles: FILE_COUNT,
        tailable: true,
        options: { flags: 'a', mode: GROUP_READABLE },
      }),
    );
  }
  const logger = winston.createLogger({
    level: LEVELS[options.level],
    silent: transports.length === 0,
    format: winston.format.combine(winston.format.timestamp(), winston.format.printf(formatLine)),
    transports,
  });
  return {
    ...wrap(logger),
    close: () =>
      new Promise((resolve) => {
        logger.on('finish', () => setImmediate(resolve));
        logger.end();
      }),
  };
}

/** A log that keeps nothing, for one-shot commands. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLog,
};

function wrap(logger: winston.Logger, fixed: LogFields = {}): Log {
  // Under one key: winston itself gives a meaning to some names, `message` among them.
  const write =
    (level: string): WriteEvent =>
    (event, fields, text = LOG_EVENTS[event]) =>
      void logger.log(level, `${event}: ${text}`, { fields: { ...fixed, ...fields } });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => wrap(logger, { ...fixed, ...fields }),
  };
}

/** One line, whatever is in it: text of users and engines must not forge a second one. */
function formatLine({ level, message, timestamp, fields }: winston.Logform.TransformableInfo): string {
  const pairs = Object.entries((fields ?? {}) as LogFields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${limitText(key, 100).replace(/[^\w.-]/g, '_')}=${formatValue(value)}`);
  const event = limitText(String(message), MAX_VALUE_CHARS);
  return visibleLine([timestamp, level.toUpperCase().padEnd(5), event, ...pairs].join(' '));
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(limitText(String(value.message), MAX_VALUE_CHARS));
  if (typeof value !== 'string') return limitText(toJson(value), MAX_VALUE_CHARS);
  const text = limitText(value, MAX_VALUE_CHARS);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Values without JSON (cycles, big integers) are logged as the name of their kind: logging must never fail the work. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value === 'bigint' ? String(value) : Object.prototype.toString.call(value);
  }
}
