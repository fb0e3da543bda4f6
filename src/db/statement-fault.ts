/**
 * SQLSTATE codes, and beginnings of codes, after which the same statement may succeed later: the statement was not wrong.
 * 25006: the server is read-only, such as a standby that is not yet the primary after a failover. 25P03: it ended an idle
 * transaction. 55P03, 40001, 40P01: another session was in the way. Source: Postgres manual, appendix A.
 */
const AWAY_STATES = /^(08|28|53|57P|25006|25P03|55P03|40001|40P01|57014)/;
/** Codes of Node: the network failed, or a certificate was refused. */
const NETWORK_CODES =
  /^(E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_)|ERR_(TLS|SSL)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;
/** Any error of these calls: the name of a stopped container is unknown, a socket file is missing. */
const CONNECT_CALLS = ['connect', 'getaddrinfo'];

/**
 * Whether the same statement may succeed later: the server is restarting, not reachable or overloaded, or it refuses our login,
 * as it may while a certificate or password is being changed.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as { code?: unknown; syscall?: string };
  if (typeof code === 'string') {
    return AWAY_STATES.test(code) || NETWORK_CODES.test(code) || CONNECT_CALLS.includes(syscall ?? '');
  }
  return /connection (terminated|ended|timeout)|timeout|not queryable|SSL connection|socket/i.test(
    error.message,
  );
}

const ROW_HELD = '55P03';

/** Whether a statement failed because another session held a row or table longer than the statement waits. */
export function isRowHeld(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === ROW_HELD;
}

const FORBIDDEN = '42501';

/** The fix when a role lacks a right, see docs/database.md. */
export const FORBIDDEN_FIX =
  'The role in DATABASE_URL lacks a right: for "autophon migrate" it has to own the database (ALTER DATABASE name OWNER TO role), ' +
  'for other commands scripts/sql/roles.sql gives what is needed.';

/** Whether a statement failed because the role lacks a right. */
export function isForbidden(error: unknown): error is Error {
  return error instanceof Error && (error as { code?: unknown }).code === FORBIDDEN;
}

/** Whether a task was refused because its user has too many open tasks; the message has the limit. */
export function isOverUserLimit(error: unknown): error is Error {
  return (
    error instanceof Error && (error as { constraint?: unknown }).constraint === 'user_open_tasks_limited'
  );
}
