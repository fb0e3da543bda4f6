import type { LogEvent } from './log-events.ts';
import { limitText } from './storable-text.ts';
import { visibleJsonLine, visibleLine } from './visible-text.ts';

/** Fields of one event. Never transcript text, never secrets. */
export type LogFields = Record<string, unknown>;

/** As winston names them. */
export type LineLevel = 'error' | 'warn' | 'info' | 'debug';

/** An event as it is logged. */
export interface LoggedEvent {
  readonly level: LineLevel;
  readonly event: LogEvent;
  readonly text: string;
  readonly fields: LogFields;
}

/** How the line of an event is written. */
export type FormatLine = (logged: LoggedEvent) => string;

/** The longest text or field of a line: one line must not fill the file and push all others out. */
const MAX_VALUE_CHARS = 10_000;
const MAX_NAME_CHARS = 100;
/** Source: sd-daemon(3). */
const PRIORITIES: Readonly<Record<LineLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7 };
const COLOURS: Readonly<Record<LineLevel, string>> = { error: '31', warn: '33', info: '32', debug: '2' };
/** What a line of JSON says before the fields of the event. */
const JSON_NAMES: readonly string[] = ['time', 'level', 'event', 'text'];

/** `2026-11-29T09:12:51.555Z INFO  worker.started: worker started slots=2` */
export const textLine: FormatLine = (logged) => `${new Date().toISOString()} ${levelAndRest(logged)}`;

/** The journal has the time, and takes the level from the number before the line. */
export const journalLine: FormatLine = (logged) => `<${PRIORITIES[logged.level]}>${words(logged)}`;

/** For an operator at a terminal: the local time of day, and the level in colour. */
export const terminalLine: FormatLine = (logged) => {
  const time = new Date().toTimeString().slice(0, 8);
  const level = logged.level.toUpperCase().padEnd(5);
  return `\x1b[2m${time}\x1b[0m \x1b[${COLOURS[logged.level]}m${level}\x1b[0m ${words(logged)}`;
};

/** One object a line. A field of an event that is called `time`, `level`, `event` or `text` gets `_` at its end. */
export const jsonLine: FormatLine = ({ level, event, text, fields }) => {
  const own = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [[JSON_NAMES.includes(name) ? `${name}_` : limitText(name, MAX_NAME_CHARS), toField(value)]],
  );
  const time = new Date().toISOString();
  return visibleJsonLine({
    time,
    level,
    event,
    text: limitText(text, MAX_VALUE_CHARS),
    ...Object.fromEntries(own),
  });
};

/** JSON for the journal, which reads the level from the number before the line, and removes it. */
export const jsonJournalLine: FormatLine = (logged) => `<${PRIORITIES[logged.level]}>${jsonLine(logged)}`;

function levelAndRest(logged: LoggedEvent): string {
  return `${logged.level.toUpperCase().padEnd(5)} ${words(logged)}`;
}

/** Always one line: text of users and engines must not forge a second one. */
function words({ event, text, fields }: LoggedEvent): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => `${limitText(key, MAX_NAME_CHARS).replace(/[^\w.-]/g, '_')}=${formatValue(value)}`,
    );
  return visibleLine([limitText(`${event}: ${text}`, MAX_VALUE_CHARS), ...pairs].join(' '));
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(limitText(String(value.message), MAX_VALUE_CHARS));
  if (typeof value !== 'string') return limitText(toJson(value), MAX_VALUE_CHARS);
  const text = limitText(value, MAX_VALUE_CHARS);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** A value as a program reads it. What is too long, or has no JSON, becomes a text. */
function toField(value: unknown): unknown {
  if (value instanceof Error) return limitText(String(value.message), MAX_VALUE_CHARS);
  if (typeof value === 'string') return limitText(value, MAX_VALUE_CHARS);
  const json = toJson(value);
  if (json.length > MAX_VALUE_CHARS) return limitText(json, MAX_VALUE_CHARS);
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}

/** Values without JSON (cycles, big integers) are logged as the name of their kind: logging must never fail the work. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value === 'bigint' ? String(value) : Object.prototype.toString.call(value);
  }
}
