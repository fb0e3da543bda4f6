import { ERROR_CODES, type ErrorCode, type Fault, TaskError, toTaskError } from '../base/errors.ts';
import { formatFinding } from '../base/finding.ts';
import { FORBIDDEN_FIX, isDatabaseAway, isForbidden, isOverUserLimit } from '../db/statement-fault.ts';
import type { ExitCode } from './command.ts';
import type { Output } from './output.ts';

/** Codes that are never tried again, although the caller of a command cannot fix the cause in the request. */
const SITE_CODES: readonly ErrorCode[] = ['E_LANGUAGE_BROKEN', 'E_CRASHED'];

/** Prints an error: code, place, what is wrong and the fix; with LOG_LEVEL=DEBUG also the stack. */
export function reportFailure(thrown: unknown, output: Output, isDebug: boolean): ExitCode {
  const error = toCommandError(thrown);
  output.json({ error: { code: error.code, message: error.message, faults: error.faults } });
  if (!output.isJson) for (const fault of error.faults) output.note(formatFault(fault, output));
  if (isDebug) output.note(output.paint(stackOf(thrown), 'dim'));
  return exitCodeOf(error.code);
}

/** One fault on one line: its code, its place, its text. */
export function formatFault(fault: Fault, output: Output): string {
  return `${output.paint(fault.code, 'red', 'bold')}  ${formatFinding(fault)}`;
}

function exitCodeOf(code: ErrorCode): ExitCode {
  return ERROR_CODES[code] === 'never' && !SITE_CODES.includes(code) ? 2 : 1;
}

function toCommandError(thrown: unknown): TaskError {
  if (isOverUserLimit(thrown)) return new TaskError('E_LIMIT', thrown.message, { cause: thrown });
  if (isForbidden(thrown))
    return new TaskError('E_DATABASE', `${thrown.message}. ${FORBIDDEN_FIX}`, { cause: thrown });
  if (thrown instanceof TaskError || !isDatabaseAway(thrown)) return toTaskError(thrown);
  const message = thrown instanceof Error && thrown.message !== '' ? thrown.message : 'the connection broke';
  return new TaskError('E_DATABASE', `the database does not answer: ${message}. Run "autophon doctor".`, {
    cause: thrown,
  });
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
