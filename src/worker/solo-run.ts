import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Log } from '../base/log.ts';

/** Program and arguments of a worker process that runs one task and ends. */
export type SoloCommand = (taskId: string) => readonly [string, ...string[]];

/** How long a task that is to run alone stays out of the queue, for its process to start and claim it. */
export const SOLO_START_SEC = 60;

const MAIN = path.resolve(import.meta.dirname, '../cli/main.ts');

export const defaultSoloCommand: SoloCommand = (taskId) => [process.execPath, MAIN, 'process', taskId];

/**
 * Runs a task in a worker process of its own and waits for its end.
 *
 * A task that is one crash away from CRASH_LIMIT runs so: its crash harms no other task, and no other task's crash uses up
 * its last chance. The process is an instance like any other. It claims the task itself, and has its own lease.
 * @param signal - passed on as SIGTERM: the process hands its task back and ends
 */
export async function runAlone(
  taskId: string,
  soloCommand: SoloCommand,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  const [command, ...args] = soloCommand(taskId);
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    log.info('task runs in a process of its own', { taskId, pid: child.pid });
    const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    log.info('the process of the task has ended', { taskId, status: killedBy ?? code });
  } catch (error) {
    log.error('no process for the task; it is tried again', { taskId, error });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
