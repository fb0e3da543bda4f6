import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import winston from 'winston';
import { GROUP_READABLE } from './file-mode.ts';
import type { Log, LogFormat, LogLevel, WriteEvent } from './log.ts';
import { LOG_EVENTS, type LogEvent } from './log-events.ts';
import {
  type FormatLine,
  journalLine,
  jsonJournalLine,
  jsonLine,
  type LineLevel,
  type LogFields,
  terminalLine,
  textLine,
} from './log-lines.ts';
import { makeFolder } from './make-folder.ts';
import { SharedLogFile } from './shared-log-file.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Folder of `alignment_worker.log`; null: standard error only. */
  readonly dir: string | null;
  /** What standard error is; null: events do not go there. */
  readonly console: 'plain' | 'terminal' | 'journal' | null;
}

const NAME = 'alignment_worker';
const FILE_MAX_BYTES = 10 * 1024 * 1024;
const FILE_COUNT = 5;
/** About 20,000 events. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const LEVELS: Record<LogLevel, LineLevel> = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' };
const CONSOLE_LINES: Record<LogFormat, Record<NonNullable<LogOptions['console']>, FormatLine>> = {
  text: { plain: textLine, terminal: terminalLine, journal: journalLine },
  json: { plain: jsonLine, terminal: jsonLine, journal: jsonJournalLine },
};

export interface ClosableLog extends Log {
  /** Writes out what is buffered. */
  close(): Promise<void>;
}

export function createLog(options: LogOptions): ClosableLog {
  const transports: winston.transport[] = [];
  if (options.console !== null) {
    const format = winstonFormat(CONSOLE_LINES[options.format][options.console]);
    transports.push(new winston.transports.Console({ stderrLevels: Object.values(LEVELS), format }));
  }
  const file =
    options.dir === null ? null : openFile(options.dir, options.format === 'json' ? jsonLine : textLine);
  if (file !== null) transports.push(file.transport);
  const logger = winston.createLogger({
    level: LEVELS[options.level],
    silent: transports.length === 0,
    transports,
  });
  // Work that nobody waits for may still log after the end; winston would end the process with an error.
  let hasEnded = false;
  return {
    ...wrap((entry) => void (hasEnded || logger.log(entry))),
    close: async () => {
      hasEnded = true;
      await new Promise<void>((resolve) => {
        logger.on('finish', () => setImmediate(resolve));
        logger.end();
      });
      await file?.close();
    },
  };
}

interface LogFile {
  readonly transport: winston.transport;
  close(): Promise<void>;
}

/** @throws the error of the system when nothing can be written there; later errors are only counted as dropped lines */
function openFile(dir: string, formatLine: FormatLine): LogFile {
  makeFolder(dir);
  appendFileSync(path.join(dir, `${NAME}.log`), '', { mode: GROUP_READABLE });
  const dropped = {
    level: 'error',
    event: 'log.lines_dropped',
    text: LOG_EVENTS['log.lines_dropped'],
  } as const;
  const file = new SharedLogFile({
    dir,
    name: NAME,
    maxBytes: FILE_MAX_BYTES,
    fileCount: FILE_COUNT,
    maxWaitingBytes: MAX_WAITING_BYTES,
    describeDropped: (count) => `${formatLine({ ...dropped, fields: { count, pid: process.pid } })}\n`,
  });
  const stream = new Writable({
    decodeStrings: false,
    write: (line: string, _, done) => {
      file.write(line);
      done();
    },
  });
  const transport = new winston.transports.Stream({ stream, eol: '\n', format: winstonFormat(formatLine) });
  return { transport, close: () => file.close() };
}

function winstonFormat(formatLine: FormatLine): winston.Logform.Format {
  return winston.format.printf(({ level, message, own }) => {
    const { event, fields } = own as { readonly event: LogEvent; readonly fields: LogFields };
    return formatLine({ level: level as LineLevel, event, text: String(message), fields });
  });
}

function wrap(log: (entry: winston.LogEntry) => void, fixed: LogFields = {}): Log {
  // The event is under one key, since winston uses some names itself, such as `message`. It is one argument, since winston
  // would take a % in a text for a place to put a second one.
  const write =
    (level: string): WriteEvent =>
    (event, fields, text = LOG_EVENTS[event]) =>
      log({ level, message: text, own: { event, fields: { ...fixed, ...fields } } });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => wrap(log, { ...fixed, ...fields }),
  };
}
