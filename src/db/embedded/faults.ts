import { type ErrorCode, messageOf, TaskError } from '../../base/errors.ts';

const SHOWN_LINES = 12;

/** Known messages of Postgres programs, and the fix for each. The first match counts. */
const KNOWN: readonly { readonly sign: RegExp; readonly code: ErrorCode; readonly fix: string }[] = [
  {
    sign: /No space left on device|Disk quota exceeded/,
    code: 'E_DISK_FULL',
    fix: 'The disk is full: free disk space and start again.',
  },
  {
    sign: /error while loading shared libraries: (\S+)/,
    code: 'E_CONFIG',
    fix: 'A library is missing on this system: install it, or set DATABASE_URL to a server of your own.',
  },
  {
    sign: /could not create (shared memory segment|semaphores)|Cannot allocate memory/,
    code: 'E_CONFIG',
    fix: 'The system allows too little memory or too few semaphores: raise the limits, or set DATABASE_URL.',
  },
  {
    sign: /Permission denied|Operation not permitted|has (wrong ownership|invalid permissions)/,
    code: 'E_CONFIG',
    fix: 'Give the folder back to the user who made it (see "ls -l" of it), or set DATABASE_URL.',
  },
  {
    sign: /could not locate a valid checkpoint record|invalid checkpoint|database files are incompatible/,
    code: 'E_DATABASE',
    fix: 'The files are damaged: put them back from a backup, or move the folder away to begin an empty database.',
  },
];

/**
 * Makes an error of a failure of initdb or of the server: its last lines and the fix.
 * @param what - what failed, as the beginning of the message
 * @param output - of the program that failed
 */
export function toServerFault(what: string, dataDir: string, output: string): TaskError {
  const known = KNOWN.find(({ sign }) => sign.test(output));
  const lines = output.trimEnd().split('\n').slice(-SHOWN_LINES);
  return new TaskError(
    known?.code ?? 'E_DATABASE',
    `${what} (${dataDir}). It said: ${lines.map((line) => line.trim()).join(' | ')}. ` +
      (known?.fix ?? `See ${dataDir}.log; set DATABASE_URL to use a server of your own.`),
  );
}

/** The error of a data directory that cannot be read, or of a server that may not be stopped. */
export function noAccess(dataDir: string, cause: unknown): TaskError {
  const { code } = cause as NodeJS.ErrnoException;
  const reason = messageOf(cause);
  return code === 'EACCES' || code === 'EPERM'
    ? new TaskError(
        'E_CONFIG',
        `the database in ${dataDir} belongs to another user: ${reason}. Run as that user, or set DATABASE_URL to a server of your own.`,
        { cause },
      )
    : new TaskError(
        'E_DATABASE',
        `cannot read the database in ${dataDir}: ${reason}. Repair the folder or its disk, or set DATABASE_URL to a server of your own.`,
        { cause },
      );
}
