/**
 * SQLSTATE classes that say that the server or the way to it is away, not that the statement was wrong. 25006: it only
 * reads, as one that is not yet the primary after a failover. 25P03: it ended a transaction that fell silent.
 */
const AWAY_STATES = /^(08|28|53|57P|25006|25P03|55P03|40001|40P01|57014)/;
/** Of Node: no way there, or a certificate that is not good. */
const NO_WAY =
  /^(E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_)|ERR_(TLS|SSL)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;
/** Whatever keeps a connection from being made: the name of a stopped container, a socket file that is not there. */
const WAY_CALLS = ['connect', 'getaddrinfo'];

/**
 * Whether the same statement may succeed a moment later: the server is restarting, away, short of something, or does
 * not let us in, as it may while its certificate or our password is being changed.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as { code?: unknown; syscall?: string };
  if (typeof code === 'string') {
    return AWAY_STATES.test(code) || NO_WAY.test(code) || WAY_CALLS.includes(syscall ?? '');
  }
  return /connection (terminated|ended|timeout)|timeout|not queryable|SSL connection|socket/i.test(
    error.message,
  );
}

const ROW_HELD = '55P03';

/**
 * Whether a statement failed because another session held a row or table for too long, or a row that it would not wait
 * for.
 */
export function isRowHeld(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === ROW_HELD;
}

const FORBIDDEN = '42501';

/** Where a role lacks a right, see docs/database.md. */
export const FORBIDDEN_FIX =
  'The role in DATABASE_URL lacks a right: for "autophon migrate" it has to own the database (ALTER DATABASE name OWNER TO role), ' +
  'for other commands scripts/sql/roles.sql gives what is needed.';

/** Whether the role may not do what a statement does. */
export function isForbidden(error: unknown): error is Error {
  return error instanceof Error && (error as { code?: unknown }).code === FORBIDDEN;
}

/** Whether a task was refused since its user has too many; the message says how many. */
export function isOverUserLimit(error: unknown): error is Error {
  return (
    error instanceof Error && (error as { constraint?: unknown }).constraint === 'user_open_tasks_limited'
  );
}
