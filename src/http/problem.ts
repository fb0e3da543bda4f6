import { STATUS_CODES } from 'node:http';
import { type ErrorCode, TaskError, toTaskError } from '../base/errors.ts';
import { FORBIDDEN_FIX, isDatabaseAway, isForbidden, isOverUserLimit } from '../db/statement-fault.ts';

/** Of codes that say something else than that what was given is wrong (422). */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  E_USAGE: 400,
  E_NOT_ALLOWED: 403,
  E_NOT_FOUND: 404,
  E_CONFLICT: 409,
  E_LIMIT: 413,
  E_INTERNAL: 500,
  E_IO: 500,
  E_UPLOADS: 503,
  E_DATABASE: 503,
  E_CONFIG: 503,
  E_DISK_FULL: 507,
};
const TOO_MANY = 429;

/** A request that is refused with a certain status. */
export class Refusal extends Error {
  readonly status: number;
  readonly fault: TaskError;
  readonly headers: Readonly<Record<string, string>>;
  /** Members of its document beside those that all have. */
  readonly more: Readonly<Record<string, string>>;

  constructor(
    status: number,
    fault: TaskError,
    headers: Readonly<Record<string, string>> = {},
    more: Readonly<Record<string, string>> = {},
  ) {
    super(fault.message);
    this.status = status;
    this.fault = fault;
    this.headers = headers;
    this.more = more;
  }
}

/** A request that is wrong by its form. */
export function refuse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return new Refusal(status, new TaskError('E_USAGE', text), headers);
}

/** Whatever was thrown, as what the client is told. */
export function toRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (isOverUserLimit(thrown)) {
    return new Refusal(TOO_MANY, new TaskError('E_LIMIT', thrown.message, { cause: thrown }));
  }
  const fault = toFault(thrown);
  return new Refusal(STATUS_OF_CODE[fault.code] ?? 422, fault);
}

function toFault(thrown: unknown): TaskError {
  if (isForbidden(thrown)) {
    return new TaskError('E_DATABASE', `${thrown.message}. ${FORBIDDEN_FIX}`, { cause: thrown });
  }
  if (thrown instanceof TaskError || !isDatabaseAway(thrown)) return toTaskError(thrown);
  return new TaskError('E_DATABASE', 'the database does not answer; try again in a moment', {
    cause: thrown,
  });
}

/** The document of `application/problem+json` (RFC 9457). */
export function problemDocument({ status, fault, more }: Refusal) {
  const { code, faults, message } = fault;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    // What an error of the program says may be of any kind, and is in the log.
    detail: code === 'E_INTERNAL' ? 'an error of the program; the log of "autophon web" has it' : message,
    code,
    ...more,
    ...(code === 'E_INTERNAL' || status < 400 ? {} : { faults }),
  };
}
