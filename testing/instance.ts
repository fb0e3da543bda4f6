import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { nodeEnv } from './node-env.ts';
import type { Site } from './site.ts';
import { waitingFor } from './time-limits.ts';

export interface InstanceEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A worker process that a test controls. */
export interface Instance {
  readonly process: ChildProcess;
  readonly events: readonly InstanceEvent[];
  /** The first event, past or to come, that fits. */
  event(name: string, fits?: (event: InstanceEvent) => boolean): Promise<InstanceEvent>;
  kill(signal: NodeJS.Signals): void;
  /** Exit status or signal. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Ends it with SIGTERM. */
  stop(): Promise<void>;
}

const INSTANCE_MAIN = path.join(import.meta.dirname, 'instance-main.ts');

const running = new Set<ChildProcess>();
// A test that fails must not leave frozen or hanging workers behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts an instance and waits until it takes tasks.
 * @param main - its program; by default that of this checkout
 */
export async function startInstance(
  site: Pick<Site, 'env' | 'dir'>,
  env: Readonly<Record<string, string>> = {},
  main = INSTANCE_MAIN,
): Promise<Instance> {
  const child = spawn(process.execPath, [main], {
    env: { ...nodeEnv(), ...site.env, STATE_DIR: site.dir, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const events: InstanceEvent[] = [];
  const waiting = new Set<() => void>();
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    // Not `exit`: events that it has printed may come after that.
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? 0);
      for (const look of waiting) look();
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as InstanceEvent);
    for (const look of waiting) look();
  });
  const instance: Instance = {
    process: child,
    events,
    exited,
    event: (name, fits = () => true) => {
      const event = new Promise<InstanceEvent>((resolve, reject) => {
        const look = () => {
          const found = events.find((one) => one.event === name && fits(one));
          if (found === undefined && running.has(child)) return;
          waiting.delete(look);
          if (found === undefined)
            reject(new Error(`the instance ended before "${name}"; events: ${JSON.stringify(events)}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      });
      return waitingFor(`"${name}" of the instance with pid ${child.pid}`, event);
    },
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM');
      await waitingFor(`the instance with pid ${child.pid} to end`, exited);
    },
  };
  await instance.event('worker.started');
  return instance;
}
