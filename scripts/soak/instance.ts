import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** How a process of the fleet ended. */
export type EndKind = 'killed' | 'stopped' | 'killed by its task' | 'did not start' | 'by itself';

export interface InstanceEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** One worker process, from its start to its end. */
export interface Instance {
  readonly pid: number;
  readonly startedAtMs: number;
  /** `instances.id`, known when it takes tasks. */
  id(): string | null;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; lastOutput: string }>;
}

export interface InstanceOptions {
  /** Its working directory. If this soak is killed, a later one finds the process by it. */
  readonly dir: string;
  readonly logPath: string;
  /** Is called with each event of its log. */
  readonly onEvent: (event: InstanceEvent) => void;
}

const KEPT_LINES = 60;
/** The last output of a dead process arrives within this time. */
const OUTPUT_WAIT_MS = 500;

/** Starts a worker. All its output goes to a file, each line with its time. */
export function startInstance(
  main: string,
  env: Readonly<Record<string, string>>,
  { dir, logPath, onEvent }: InstanceOptions,
): Instance {
  // In its own process group: Ctrl-C is for the soak, which then ends its instances.
  const child = spawn(process.execPath, [main], {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid = 0 } = child;
  const log = createWriteStream(logPath, { flags: 'a' });
  const write = (line: string) => log.write(`${new Date().toISOString()} ${pid} ${line}\n`);
  const lastLines: string[] = [];
  let id: string | null = null;
  createInterface({ input: child.stdout }).on('line', (line) => {
    write(line);
    const event = parse(line);
    if (event === null) return;
    if (event.event === 'worker.started') id = String(event['instance']);
    onEvent(event);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    write(line);
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
  });
  return {
    pid,
    startedAtMs: performance.now(),
    id: () => id,
    signal: (signal) => void child.kill(signal),
    ended: waitForEnd(child).then((end) => {
      write(`ended: ${end.signal ?? `code ${end.code}`}`);
      log.end();
      return { ...end, lastOutput: lastLines.join('\n') };
    }),
  };
}

/** The line of a stack trace that names the error, or else the last line. */
export function findReason(lastOutput: string): string {
  const lines = lastOutput.split('\n').filter((line) => line.trim() !== '');
  return (
    lines.find((line) => /^\w*Error: /.test(line)) ??
    lines.find((line) => /^[\w ]*error\b.*: /i.test(line)) ??
    lines.at(-1) ??
    'it said nothing'
  );
}

/** Memory that a process has in use; null: it is gone. */
export function residentBytes(pid: number): number | null {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? null : Number(kb) * 1024;
  } catch {
    return null;
  }
}

/** A process that it has started may keep its output open for longer than it runs. */
function waitForEnd(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    child.on('error', () => resolve({ code: null, signal: null }));
    child.on('exit', (code, signal) => {
      const end = () => resolve({ code, signal });
      child.once('close', end);
      setTimeout(end, OUTPUT_WAIT_MS);
    });
  });
}

/** A killed process may end in the middle of a line. */
function parse(line: string): InstanceEvent | null {
  try {
    return JSON.parse(line) as InstanceEvent;
  } catch {
    return null;
  }
}
