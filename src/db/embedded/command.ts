import { spawn } from 'node:child_process';

/** The user that the server runs as when we are root: Postgres refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The whole environment of Postgres programs. LC_ALL=C: their messages are searched for English words. */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
};

export interface CommandResult {
  /** Null: it could not be started, and `output` says why. */
  readonly exitCode: number | null;
  /** Code of the system, such as ENOENT, if it could not be started; null: it was started. */
  readonly startError: string | null;
  /** Standard output and error, in the order of arrival. */
  readonly output: string;
}

/** Runs a short program as a given user and waits until it ends. Never throws: a failure is in the result. */
export function runCommand(
  program: string,
  args: readonly string[],
  user: ServerUser | null,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...identityOf(user),
      // Postgres refuses to start in a folder that its user cannot read.
      cwd: '/',
      env: SERVER_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ exitCode: null, startError: error.code ?? 'unknown', output: error.message }),
    );
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, startError: null, output }));
  });
}

/** Options of spawn that make a program run as the user. */
export function identityOf(user: ServerUser | null): { uid?: number; gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}
