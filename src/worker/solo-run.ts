import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** Program and arguments of a worker process that runs one task and ends. */
export type SoloCommand = (taskId: string) => readonly [string, ...string[]];

/** How long a task for a solo run stays out of the queue, so that its process can start and claim it. */
export const SOLO_START_SEC = 60;

const MAIN = path.resolve(import.meta.dirname, '../cli/main.ts');

export const defaultSoloCommand: SoloCommand = (taskId) => [process.execPath, MAIN, 'process', taskId];

export interface SoloOptions {
  readonly command: SoloCommand;
  /** Passed on as SIGTERM: the process hands its task back and ends. */
  readonly stop: AbortSignal;
  /** This process ends at once: solo runs that have not ended by then are killed. */
  readonly kill: AbortSignal;
  readonly log: Log;
}

/**
 * Runs a task in a worker process of its own and waits for its end.
 *
 * A task that is one crash away from CRASH_LIMIT runs so: its crash harms no other task, and no other task's crash uses up
 * its last chance. The process is an instance like any other. It claims the task itself, and has its own lease.
 * @returns what went wrong with the process; null: nothing
 */
export async function runAlone(
  taskId: string,
  { command, stop, kill, log }: SoloOptions,
): Promise<string | null> {
  const child = startProcess(taskId, command, log);
  if (typeof child === 'string') return child;
  const onStop = () => void child.kill('SIGTERM');
  const onKill = () => void child.kill('SIGKILL');
  stop.addEventListener('abort', onStop, { once: true });
  kill.addEventListener('abort', onKill, { once: true });
  // If this process ends at once, it hands its task back.
  process.on('exit', onStop);
  if (stop.aborted) onStop();
  try {
    log.info('solo.started', { taskId, pid: child.pid });
    const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    log[code === 0 ? 'info' : 'warn']('solo.ended', {
      taskId,
      status: killedBy ?? code,
    });
    if (code === 0) return null;
    return killedBy === null ? `it ended with status ${code}` : `it was ended by ${killedBy}`;
  } catch (error) {
    return notStarted(taskId, error, log);
  } finally {
    stop.removeEventListener('abort', onStop);
    kill.removeEventListener('abort', onKill);
    process.off('exit', onStop);
  }
}

/** @returns why it cannot be started; then the task returns to the queue */
function startProcess(taskId: string, command: SoloCommand, log: Log): ChildProcess | string {
  try {
    const [program, ...args] = command(taskId);
    // In a group of its own: Ctrl-C at the terminal is for us, and our grace time is its grace time.
    return spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  } catch (error) {
    // Some faults (no memory) are thrown at once. Thrown on, they would end this instance.
    return notStarted(taskId, error, log);
  }
}

function notStarted(taskId: string, error: unknown, log: Log): string {
  log.error('solo.not_started', { taskId, error });
  return `it could not be started: ${messageOf(error)}`;
}
