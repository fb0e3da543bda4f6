import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TaskError } from '../../base/errors.ts';
import { assertStartable, isGuardFailure, missingCommand } from './command.ts';
import { killGroup, stopGroup } from './group.ts';
import { engineGuard } from './guard.ts';
import { type OutputLines, readLines } from './lines.ts';
import { openProcessLog, type ProcessLog } from './log.ts';

/** How to run one engine process. There are only arguments: no shell is used. */
export interface ProcessRequest {
  /** Its name in messages. Left out: the name of the program, or of the launcher if there is one. */
  readonly name?: string;
  readonly argv: readonly [command: string, ...args: string[]];
  readonly cwd: string;
  /** The whole environment of the process: nothing is inherited. See `engineEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** The text of its standard input. Left out: it is empty. */
  readonly input?: string;
  /** Standard output and error are appended to this file, up to a limit; see `openProcessLog`. */
  readonly logPath: string;
  readonly timeoutSec: number;
  readonly silenceSec: number;
  readonly signal: AbortSignal;
  /** Gets the id of the process group, which is the pid of its first process. */
  readonly onStart?: (pid: number) => void;
  /** Gets each line. A line ends with a line feed or a carriage return (progress bars); long ones are cut. If it throws, the run ends. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface ProcessResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of standard error or, if it is empty, of standard output, for messages. */
  readonly lastLines: readonly string[];
  readonly durationSec: number;
}

type Outcome = Pick<ProcessResult, 'exitCode' | 'signal'> | { readonly stopReason: unknown };

/** How long to read the pipes after the last process has ended. */
const PIPE_GRACE_MS = 500;
/** The longest delay of a Node timer. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Runs an engine process. This is the only function that starts one. A nonzero exit status is a result, not an error.
 * @throws TaskError E_ENGINE_MISSING (it cannot be started), E_ENGINE_TIMEOUT, E_ENGINE_SILENT; the reason of `signal` when aborted;
 *   what `onLine` throws. When the promise settles, all processes of the engine have ended.
 */
export async function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  request.signal.throwIfAborted();
  const [guard] = await Promise.all([engineGuard(), assertStartable(request)]);
  const log = await openProcessLog(request.logPath);
  try {
    request.signal.throwIfAborted();
    return await supervise(request, guard, log);
  } finally {
    await log.close();
  }
}

async function supervise(
  request: ProcessRequest,
  guard: readonly string[],
  log: ProcessLog,
): Promise<ProcessResult> {
  const startedMs = performance.now();
  const [command, ...args] = [...guard, ...request.argv] as [string, ...string[]];
  const options = { cwd: request.cwd, env: request.env, detached: true };
  const child = await start(command, args, options, request.input);
  log.note(`started, process ${child.pid}: ${JSON.stringify(request.argv)}`);

  // These listeners come first, without an await before them: a short-lived process may end at once.
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  const watch = watchRun(request, child, log);
  const outcome: Outcome = await Promise.race([
    watch.stopRequested,
    exited.then(([exitCode, signal]) => toOutcome(exitCode, signal)),
  ]);
  watch.end();
  // Also after an exit: processes that the engine has left behind would keep the pipes open and write into the results.
  const isGone = 'stopReason' in outcome ? await stopGroup(child.pid) : await killGroup(child.pid);
  if (isGone) await Promise.race([closed, delay(PIPE_GRACE_MS, undefined, { ref: false })]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  watch.lines.end();

  const durationSec = (performance.now() - startedMs) / 1000;
  const lastLines = watch.lines.last();
  if ('stopReason' in outcome) {
    log.note(`stopped after ${durationSec.toFixed(1)} s`);
    throw describeStop(outcome.stopReason, request, lastLines);
  }
  log.note(`ended after ${durationSec.toFixed(1)} s: ${outcome.signal ?? `exit ${outcome.exitCode}`}`);
  if (isGuardFailure(outcome.exitCode, lastLines)) {
    throw missingCommand(request.argv[0], lastLines.at(-1) ?? 'cannot be started');
  }
  return { ...outcome, lastLines, durationSec };
}

function toOutcome(exitCode: number | null, signal: NodeJS.Signals | null): Outcome {
  const named = Object.entries(constants.signals).find(([, number]) => number + 128 === exitCode);
  // The guard passes on a signal as 128 + its number, as a shell does.
  return named === undefined ? { exitCode, signal } : { exitCode: null, signal: named[0] as NodeJS.Signals };
}

type StartedProcess = ChildProcess & { readonly pid: number };

async function start(
  command: string,
  args: string[],
  options: SpawnOptions,
  input: string | undefined,
): Promise<StartedProcess> {
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = spawn(command, args, { ...options, stdio: [stdin, 'pipe', 'pipe'], shell: false });
  // The program may end without reading its input: writing to it then fails.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  try {
    await once(child, 'spawn');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const message = messageOf(error);
    if (code === 'ENOENT' || code === 'EACCES') throw missingCommand(command, message);
    throw new TaskError('E_ENGINE_FAILED', `${path.basename(command)}: not started: ${message}`, {
      cause: error,
    });
  }
  return child as StartedProcess;
}

interface RunWatch {
  readonly stopRequested: Promise<{ stopReason: unknown }>;
  readonly lines: OutputLines;
  end(): void;
}

/** Reads both pipes, and requests a stop when aborted, at the time limit, after silence, or when a callback throws. */
function watchRun(request: ProcessRequest, child: StartedProcess, log: ProcessLog): RunWatch {
  const { promise: stopRequested, resolve } = Promise.withResolvers<{ stopReason: unknown }>();
  const stop = (stopReason: unknown): void => resolve({ stopReason });
  const onAbort = (): void => stop(request.signal.reason);
  request.signal.addEventListener('abort', onAbort, { once: true });
  if (request.signal.aborted) onAbort();

  let chunkCount = 0;
  const timeout = setTimeout(() => stop('timeout'), toTimerMs(request.timeoutSec));
  const silence = setTimeout(() => {
    // After a suspended worker goes on, this timer may run before the data that wait in the pipes are read.
    const countAtExpiry = chunkCount;
    setImmediate(() => (chunkCount === countAtExpiry ? stop('silence') : silence.refresh()));
  }, toTimerMs(request.silenceSec));

  const lines = readLines(request.onLine, stop);
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (chunk: Buffer) => {
      chunkCount += 1;
      silence.refresh();
      log.write(chunk);
      lines.push(chunk, stream);
    });
    // Without a listener, a broken pipe would end the worker. The exit status tells what happened.
    child[stream]?.on('error', () => undefined);
  }
  try {
    request.onStart?.(child.pid);
  } catch (error) {
    stop(error);
  }
  return {
    stopRequested,
    lines,
    end: () => {
      clearTimeout(timeout);
      clearTimeout(silence);
      request.signal.removeEventListener('abort', onAbort);
    },
  };
}

function toTimerMs(seconds: number): number {
  return Math.min(Math.max(1, seconds * 1000), TIMER_MAX_MS);
}

function describeStop(reason: unknown, request: ProcessRequest, lastLines: readonly string[]): unknown {
  const name = request.name ?? path.basename(request.argv[0]);
  const last = lastLines.at(-1);
  const ending = last === undefined ? 'it had written nothing' : `its last line was "${last}"`;
  if (reason === 'timeout') {
    const message = `${name}: expected to end within ${round(request.timeoutSec)} s, still running; ${ending}`;
    return new TaskError('E_ENGINE_TIMEOUT', message);
  }
  if (reason === 'silence') {
    const message = `${name}: wrote nothing for ${round(request.silenceSec)} s and was ended, as it seemed to hang; ${ending}`;
    return new TaskError('E_ENGINE_SILENT', message);
  }
  return reason;
}

/** The time that is left of a limit may have many digits. */
function round(seconds: number): number {
  return Number(seconds.toFixed(1));
}
