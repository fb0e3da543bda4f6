import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { nowMs } from './numbers.ts';

/** Something that happened in a process, with the time of the clock that all processes share. */
export interface ProcessEvent {
  readonly event: string;
  readonly atMs: number;
  readonly id?: string;
  readonly [field: string]: unknown;
}

export interface BenchProcess extends AsyncDisposable {
  readonly pid: number;
  isRunning(): boolean;
  readonly events: readonly ProcessEvent[];
  /** The first event, past or to come, with this name and this id. */
  event(name: string, id?: string): Promise<ProcessEvent>;
  /** Resolves when a condition holds for the events. */
  until(holds: (events: readonly ProcessEvent[]) => boolean): Promise<void>;
}

/** Reported by a child that takes tasks. */
export const READY = 'ready';

const KILL_AFTER_MS = 20_000;
const TELL_AFTER_MS = 30;

/** Starts one of the `*-main.ts` of this folder and waits until it is ready. */
export async function startProcess(
  main: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<BenchProcess> {
  const child = fork(path.join(import.meta.dirname, main), {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const events: ProcessEvent[] = [];
  const looks = new Set<() => void>();
  const exited = once(child, 'exit');
  child.on('message', (message) => {
    events.push(...(message as ProcessEvent[]));
    for (const look of looks) look();
  });
  const lookAtAll = () => {
    for (const look of looks) look();
  };
  signal.addEventListener('abort', lookAtAll);
  child.on('exit', () => {
    signal.removeEventListener('abort', lookAtAll);
    lookAtAll();
  });
  const until = (holds: (events: readonly ProcessEvent[]) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const isDone = holds(events);
        const fault = isDone ? null : findFault(child, events, signal);
        if (!isDone && fault === null) return;
        looks.delete(look);
        if (fault === null) resolve();
        else reject(new Error(`${main}: ${fault}`));
      };
      looks.add(look);
      look();
    });
  const find = (name: string, id?: string) =>
    events.find((one) => one.event === name && (id === undefined || one.id === id));
  const running: BenchProcess = {
    pid: child.pid ?? 0,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    events,
    until,
    event: async (name, id) => {
      await until(() => find(name, id) !== undefined);
      return find(name, id) as ProcessEvent;
    },
    [Symbol.asyncDispose]: () => end(child, exited),
  };
  try {
    await running.event(READY);
    return running;
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

/** The reason why waiting is useless. */
function findFault(child: ChildProcess, events: readonly ProcessEvent[], signal: AbortSignal): string | null {
  if (signal.aborted) return 'the benchmark was stopped';
  const failed = events.find(({ event }) => /^task (failed|retry|lost)$/.test(event));
  if (failed !== undefined) return `a task did not complete: ${JSON.stringify(failed)}`;
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  return hasEnded ? `ended (${child.signalCode ?? child.exitCode}) before its work was done` : null;
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await exited;
  clearTimeout(kill);
}

const untold: ProcessEvent[] = [];

/** In a child: reports to the parent a moment later, so that reporting is not part of what is measured. */
export function tell(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  if (untold.length === 0) setTimeout(() => process.send?.(untold.splice(0)), TELL_AFTER_MS);
  untold.push({ event, atMs: nowMs(), ...fields });
}

/** In a child: calls `stop` when the parent asks for it, and ends when the parent is gone. */
export function onStop(stop: () => Promise<unknown>): void {
  process.once('SIGTERM', () => void stop().then(() => process.exit(0)));
  process.once('disconnect', () => process.exit(1));
}
