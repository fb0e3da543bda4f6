import { spawn } from 'node:child_process';

/** The user that the server runs as when we are root: Postgres refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** All that programs of the server see of the environment: messages must come in English, whatever the host speaks. */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
};

export interface CommandResult {
  /** Null: it could not be started, `output` says why. */
  readonly exitCode: number | null;
  /** System error such as ENOENT or EACCES when it could not be started. */
  readonly startError: string | null;
  /** Standard output and error, in the order of arrival. */
  readonly output: string;
}

/** Runs a short program to its end, as a given user. Never throws: what went wrong is in the result. */
export function runCommand(
  program: string,
  args: readonly string[],
  user: ServerUser | null,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...identityOf(user),
      // The caller's folder may be closed to the user, and Postgres refuses to start in a folder that it cannot read.
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
