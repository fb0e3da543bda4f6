import { type Finding, formatFinding, type Place } from './finding.ts';
import { visibleLine } from './visible-text.ts';

/**
 * What happens to a task after an error:
 * `never` - the input or the set-up is wrong, and another run cannot help: the task fails;
 * `transient` - the cause may pass: the task runs again after a growing delay;
 * `wait` - nothing ran: the task goes back to the queue without using an attempt.
 */
export type RetryClass = 'never' | 'transient' | 'wait';

/** The closed list of codes. A code is API: each has its line in docs/errors.md, checked by a test. */
export const ERROR_CODES = {
  E_NO_FILES: 'never',
  E_PATH_OUTSIDE: 'never',
  E_PATH_KIND: 'never',
  E_LANGUAGE_UNKNOWN: 'never',
  E_LANGUAGE_BROKEN: 'never',
  E_ENGINE_UNKNOWN: 'never',
  E_FORMAT_UNKNOWN: 'never',
  E_COLUMNS: 'never',
  E_ENGINE_MISSING: 'wait',
  E_AUDIO_MISSING: 'never',
  E_AUDIO_EMPTY: 'never',
  E_AUDIO_FORMAT: 'never',
  E_AUDIO_CUT_SHORT: 'never',
  E_AUDIO_RATE: 'never',
  E_AUDIO_TOO_SHORT: 'never',
  E_AUDIO_TOOL_MISSING: 'never',
  E_CHANNELS_UNCLEAR: 'never',
  E_TRANSCRIPT_MISSING: 'never',
  E_PAIR_UNCLEAR: 'never',
  E_TRANSCRIPT_MALFORMED: 'never',
  E_TEXTGRID_MALFORMED: 'never',
  E_TEXT_ENCODING: 'never',
  E_TRANSCRIPT_NO_WORDS: 'never',
  E_TRANSCRIPT_OVERLAP: 'never',
  E_TRANSCRIPT_TIME: 'never',
  E_WORDS_UNKNOWN: 'never',
  E_DICTIONARY_MALFORMED: 'never',
  E_LIMIT: 'never',
  E_ENGINE_FAILED: 'transient',
  E_ENGINE_TIMEOUT: 'transient',
  E_ENGINE_SILENT: 'transient',
  E_NOT_ALIGNED: 'never',
  E_OUTPUT_INVALID: 'transient',
  E_DISK_FULL: 'transient',
  E_IO: 'transient',
  E_INTERNAL: 'transient',
  E_CRASHED: 'never',
  E_CANCELLED: 'never',
  E_IMPORTED: 'never',
  E_LEASE_LOST: 'wait',
  E_STOPPED: 'wait',
  E_DATABASE: 'wait',
  E_UPLOADS: 'wait',
  E_CONFIG: 'never',
  E_USAGE: 'never',
  E_NOT_FOUND: 'never',
  E_NOT_ALLOWED: 'never',
  E_CONFLICT: 'never',
} as const satisfies Record<string, RetryClass>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Codes of earlier versions, which rows may still have, each with the code that replaced it. */
export const FORMER_CODES: Readonly<Record<string, ErrorCode>> = {
  E_TEXTGRID_NO_WORDS: 'E_TRANSCRIPT_NO_WORDS',
  E_TEXTGRID_OVERLAP: 'E_TRANSCRIPT_OVERLAP',
  E_TEXTGRID_TIME: 'E_TRANSCRIPT_TIME',
};

/** A code, and those that earlier versions used for the same error. */
export function withFormerCodes(code: string): string[] {
  return [code, ...Object.keys(FORMER_CODES).filter((former) => FORMER_CODES[former] === code)];
}

/** Codes of warnings: the task completes, the user is told. */
export type WarningCode =
  | 'W_AUDIO_MIXED_DOWN'
  | 'W_CHANNEL_GUESSED'
  | 'W_CHANNEL_EMPTY'
  | 'W_CHANNELS_SAME'
  | 'W_AUDIO_LOW_RATE'
  | 'W_AUDIO_DAMAGED'
  | 'W_TEXT_ENCODING'
  | 'W_TRANSCRIPT_READ'
  | 'W_TIER_KEPT'
  | 'W_ALIGNED_BEFORE'
  | 'W_INTERVAL_SHORT'
  | 'W_CUT_AT_END'
  | 'W_MARKERS'
  | 'W_SHORT_FORM'
  | 'W_TIER_NAMED'
  | 'W_WORD_SPLIT'
  | 'W_WORD_UNKNOWN'
  | 'W_WORD_GUESSED'
  | 'W_GUESSING_FAILED'
  | 'W_NOT_ALIGNED'
  | 'W_DOUBTFUL'
  | 'W_NOT_SAID'
  | 'W_NOT_WRITTEN'
  | 'W_FILE_IGNORED'
  | 'W_ROWS_IGNORED'
  | 'W_DICTIONARY_LINE'
  | 'W_LANGUAGE'
  | 'W_PHONES_SIMPLE';

export type Fault = Finding<ErrorCode>;
export type Warning = Finding<WarningCode>;

export interface TaskErrorOptions {
  readonly place?: Place;
  readonly cause?: unknown;
}

/**
 * The one error class of the program. It carries one fault or, where a task's input was checked as a whole, all of them;
 * `code` is that of the first, and `message` has a line for each.
 */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly code: ErrorCode;
  readonly faults: readonly [Fault, ...Fault[]];

  /** @param text - see `Finding` */
  constructor(code: ErrorCode, text: string, { place, cause }: TaskErrorOptions = {}) {
    const fault: Fault = place === undefined ? { code, text } : { code, place, text };
    super(formatFinding(fault), cause === undefined ? undefined : { cause });
    this.code = code;
    this.faults = [fault];
  }

  /**
   * One error for all faults of a task.
   * @param faults - at least one
   */
  static ofFaults(faults: readonly [Fault, ...Fault[]], cause?: unknown): TaskError {
    const error = new TaskError(faults[0].code, '', { cause });
    return Object.assign(error, { faults, message: faults.map(formatFinding).join('\n') });
  }
}

/** @throws TaskError with all faults, if there is one */
export function throwFaults(faults: readonly Fault[]): void {
  const [first, ...rest] = faults;
  if (first !== undefined) throw TaskError.ofFaults([first, ...rest]);
}

const LOGGED_FRAMES = 8;

/** Codes whose messages have paths, settings and numbers only. Others may quote a transcript, or output of an engine. */
const QUOTES_NO_TEXT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'E_NO_FILES',
  'E_PATH_OUTSIDE',
  'E_PATH_KIND',
  'E_LANGUAGE_UNKNOWN',
  'E_ENGINE_UNKNOWN',
  'E_FORMAT_UNKNOWN',
  'E_ENGINE_MISSING',
  'E_DISK_FULL',
  'E_IO',
  'E_DATABASE',
  'E_UPLOADS',
]);

/**
 * An error of a task as the worker's log has it, without text of transcripts; the row has all of it. For an error of the
 * program itself, `at` names the functions in which it was thrown.
 */
export function toLogFields(error: unknown): {
  readonly code: ErrorCode;
  readonly error?: string;
  readonly at?: readonly string[];
} {
  const fault = toTaskError(error);
  const { code, message, cause } = fault;
  if (code === 'E_INTERNAL') return { code, at: stackFrames(cause instanceof Error ? cause : fault) };
  return QUOTES_NO_TEXT.has(code) ? { code, error: message } : { code };
}

/** The first lines of a stack, without the message before them, which may quote a transcript. */
function stackFrames({ stack = '', message }: Error): string[] {
  const start = stack.indexOf(message);
  if (start < 0) return [];
  const frames = stack.slice(start + message.length);
  return frames
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, LOGGED_FRAMES)
    .map((line) => line.trim());
}

export function isTransient(code: ErrorCode): boolean {
  return ERROR_CODES[code] === 'transient';
}

/** The message of a thrown value of any type. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** A thrown value of any type as a TaskError: system errors by their code, all others as E_INTERNAL. */
export function toTaskError(thrown: unknown): TaskError {
  if (thrown instanceof TaskError) return thrown;
  // UPLOADS is used as an open folder, whose path means nothing to people.
  const message = visibleLine(messageOf(thrown).replaceAll(/\/proc\/self\/fd\/\d+/g, 'UPLOADS'));
  const systemCode = (thrown as { code?: unknown } | null)?.code;
  if (systemCode === 'ENOSPC' || systemCode === 'EDQUOT') {
    return new TaskError(
      'E_DISK_FULL',
      `the disk is full: ${message}; free disk space ("autophon doctor" shows which folder has none)`,
      { cause: thrown },
    );
  }
  if (typeof systemCode === 'string' && /^E[A-Z]+$/.test(systemCode)) {
    return new TaskError('E_IO', message, { cause: thrown });
  }
  return new TaskError('E_INTERNAL', message, { cause: thrown });
}
