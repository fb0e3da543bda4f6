import { STATUS_CODES } from 'node:http';
import { type ErrorCode, TaskError, toTaskError } from '../base/errors.ts';
import { FORBIDDEN_FIX, isDatabaseAway, isForbidden, isOverUserLimit } from '../db/statement-fault.ts';

/** Statuses of codes for which 422 (wrong input) does not fit. */
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
  E_STOPPED: 503,
  E_CONFIG: 503,
  E_DISK_FULL: 507,
};
const TOO_MANY = 429;
const UNAVAILABLE = 503;
const TRY_AGAIN_SEC = '5';
/** Messages for users who do not run the server: the full messages name folders, tables and accounts. */
const FOR_OTHERS: Partial<Record<ErrorCode, string>> = {
  E_IO: 'the server cannot read or write what it needs',
  E_DISK_FULL: 'the disk of the server is full',
  E_UPLOADS: 'the folder with the files of tasks is not there',
  E_DATABASE: 'the database cannot be used; try again in a moment',
  E_CONFIG: 'the server is not set up correctly',
};

/** A request that is refused with a certain status. */
export class Refusal extends Error {
  readonly status: number;
  readonly fault: TaskError;
  readonly headers: Readonly<Record<string, string>>;
  /** Members of its document in addition to those that all have. */
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

/** A request whose form is wrong. */
export function refuse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return new Refusal(status, new TaskError('E_USAGE', text), headers);
}

/** What the client is told about a thrown value. */
export function toRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (isOverUserLimit(thrown)) {
    return new Refusal(TOO_MANY, new TaskError('E_LIMIT', thrown.message, { cause: thrown }));
  }
  const fault = toFault(thrown);
  const status = STATUS_OF_CODE[fault.code] ?? 422;
  return new Refusal(status, fault, status === UNAVAILABLE ? { 'Retry-After': TRY_AGAIN_SEC } : {});
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

/**
 * The document of `application/problem+json` (RFC 9457).
 * @param isForOperator - whether it is shown to an operator, as in the mode local
 */
export function problemDocument({ status, fault, more }: Refusal, isForOperator: boolean) {
  const { code, faults, message } = fault;
  const others = isForOperator ? undefined : FOR_OTHERS[code];
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    // The message of a program error may contain anything; it is in the log.
    detail:
      code === 'E_INTERNAL'
        ? 'an error of the program; the log of "autophon web" has it'
        : others === undefined
          ? message
          : `${others}. The operator finds more in the log of "autophon web".`,
    code,
    ...more,
    ...(code === 'E_INTERNAL' || others !== undefined || status < 400 ? {} : { faults }),
  };
}
