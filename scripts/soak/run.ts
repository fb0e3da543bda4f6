import path from 'node:path';
import { audit } from './audit/audit.ts';
import { type Books, readBooks, type Violation } from './audit/books.ts';
import { Crowd } from './crowd.ts';
import { Demon, makePlan } from './demon.ts';
import type { FaultName } from './faults.ts';
import {
  cancelTimes,
  memoryFigures,
  reclaimTimes,
  type SoakFigures,
  spreadOf,
  throughput,
} from './figures.ts';
import { Fleet } from './fleet.ts';
import { residentBytes } from './instance.ts';
import { keepEvidence } from './keep.ts';
import { makePlace, type Place } from './place.ts';
import { Random } from './random.ts';
import { type Server, startServer } from './server.ts';
import { settle } from './settle.ts';
import { TEMPERS } from './tempers.ts';
import { pause } from './waiting.ts';
import { startWire, type Wire } from './wire.ts';

export interface SoakOptions {
  readonly durationSec: number;
  readonly instanceCount: number;
  readonly seed: number;
  /** What the demon may do; nothing at all: a calm soak. */
  readonly faults: readonly FaultName[];
  /** How many times as often as usual. */
  readonly pace: number;
  /** Whether Postgres waits for the disk at each commit, as at a site. */
  readonly isDurable: boolean;
  /** For a soak shorter than the minute after which others finish the cleanup of an instance that died. */
  readonly isHurried: boolean;
  /** Names of the tempers that tasks may have; else all. */
  readonly tempers?: readonly string[];
  /** A wave of tasks comes when no more than so many are open; else as many as there are slots. */
  readonly lowWater?: number;
  /** Program of an instance; else that of the tests. */
  readonly main?: string;
  /** Where logs and findings go. */
  readonly evidenceDir: string;
  readonly keepsEvidence: 'always' | 'of failures' | 'never';
  readonly say: (line: string) => void;
  /** Breaks it off: everything is taken down, nothing is judged. */
  readonly signal: AbortSignal;
}

export interface SoakReport {
  readonly violations: readonly Violation[];
  readonly figures: SoakFigures;
  readonly evidenceDir: string | null;
}

/** Shorter than any that can be set, so that many faults fit into minutes. */
export const LEASE_SEC = 4;
export const SLOTS_PER_INSTANCE = 2;
const CRASH_LIMIT = 3;
const RETRY_LIMIT = 3;
const MAIN = path.resolve(import.meta.dirname, '../../tests/support/instance-main.ts');

/** Runs one soak from nothing to the verdict, and leaves nothing behind but the evidence. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { durationSec, seed, instanceCount, say, signal } = options;
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await makePlace());
  if (place.disks === null) say('no right to mount a file system here: disks are not filled');
  const server = stack.use(
    await startServer(place.postgresDir, { leaseSec: LEASE_SEC, isDurable: options.isDurable }),
  );
  const wires: Wire[] = [];
  while (wires.length < instanceCount) wires.push(stack.use(await startWire(server.port)));
  const fleet = new Fleet({
    main: options.main ?? MAIN,
    wires,
    envOf: (slot) => environmentOf(slot, instanceCount, { place, server, wires }),
    logsDir: place.logsDir,
    say,
  });
  stack.defer(() => fleet.kill9All());
  await fleet.start();
  say(`${instanceCount} instances run; Postgres ${server.version}`);

  const { lowWater = instanceCount * SLOTS_PER_INSTANCE } = options;
  const tempers = TEMPERS.filter(({ name }) => options.tempers?.includes(name) ?? true);
  const crowd = new Crowd({
    tempers,
    server,
    fleet,
    uploadsDir: place.uploadsDir,
    random: new Random(seed + 1),
    lowWater,
  });
  const demon = new Demon(makePlan(options), { fleet, server, place, leaseSec: LEASE_SEC }, say);
  const fromMs = Date.now();
  const time = new AbortController();
  const until = AbortSignal.any([time.signal, signal]);
  const memory: number[] = [];
  const done = Promise.all([
    crowd.run(until),
    demon.run(until),
    everySecond(until, () => sample(fleet, memory)),
    watch(until, durationSec, { server, crowd, demon, say }),
  ]);
  await Promise.race([pause(durationSec * 1000, signal), done]);
  const toMs = Date.now();
  time.abort();
  await done;
  signal.throwIfAborted();

  say('the demon rests; waiting for all to be settled');
  const settledSec = await settle({ server, fleet, place, isHurried: options.isHurried, say, signal });
  await sample(fleet, memory);
  await fleet.stop();
  signal.throwIfAborted();
  const books = await readBooks(server);
  const violations = await audit(books, {
    place,
    crashLimit: CRASH_LIMIT,
    retryLimit: RETRY_LIMIT,
    instancePids: fleet.pids,
  });
  for (const message of fleet.faults)
    violations.push({ rule: 'an instance ends when told to, and not before', taskId: null, message });
  if (crowd.taskCount !== books.tasks.length) {
    const message = `${crowd.taskCount} were submitted, ${books.tasks.length} have a row`;
    violations.push({ rule: 'every task is there', taskId: null, message });
  }
  const figures = figuresOf(books, { crowd, demon, fleet, memory, fromMs, toMs, settledSec });
  const { evidenceDir, keepsEvidence } = options;
  const keeps = keepsEvidence === 'always' || (keepsEvidence === 'of failures' && violations.length > 0);
  if (keeps) await keepEvidence(evidenceDir, place.logsDir, violations, books);
  return { violations, figures, evidenceDir: keeps ? evidenceDir : null };
}

/** The first instance lacks one of the engines and is spared the worst: it lives through the whole soak. */
function environmentOf(
  slot: number,
  instanceCount: number,
  { place, server, wires }: { place: Place; server: Server; wires: readonly Wire[] },
): Record<string, string> {
  const url = new URL(server.url);
  url.port = String(wires[slot]?.port);
  return {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: url.href,
    DATA_DIR: path.join(place.dir, 'data'),
    UPLOADS: place.uploadsDir,
    LOGS: place.logsDir,
    TEMP_DIR: place.tempDir,
    STATE_DIR: path.join(place.dir, 'state'),
    RISKY_HEALTH: slot === 0 && instanceCount > 1 ? 'missing' : 'ready',
    ALIGNMENT_WORKERS: String(SLOTS_PER_INSTANCE),
    CRASH_LIMIT: String(CRASH_LIMIT),
    RETRY_ATTEMPTS: String(RETRY_LIMIT),
    // What the length of leases decides in the program: the least that can be set.
    LEASE: '10',
    HEARTBEAT: '0.5',
    SWEEP_INTERVAL: '1',
    MAX_POLL_INTERVAL: '2',
    RETRY_DELAY: '0.5',
    TASK_TIMEOUT: '6',
    SHUTDOWN_GRACE: '1',
    // Some stop claiming on a full disk, the others meet its end in the middle of a task.
    MIN_FREE_DISK: slot % 2 === 1 ? '8M' : '0',
    MIN_FREE_MEMORY: '0',
  };
}

function sample(fleet: Fleet, memory: number[]): void {
  const pid = fleet.pidOf(0);
  const bytes = pid === null ? null : residentBytes(pid);
  if (bytes !== null) memory.push(bytes);
}

async function everySecond(signal: AbortSignal, act: () => void): Promise<void> {
  for (; !signal.aborted; await pause(1_000, signal)) act();
}

/** For a person who watches. */
async function watch(
  signal: AbortSignal,
  durationSec: number,
  { server, crowd, demon, say }: { server: Server; crowd: Crowd; demon: Demon; say: (line: string) => void },
): Promise<void> {
  const intervalMs = durationSec > 60 ? 10_000 : 5_000;
  for (await pause(intervalMs, signal); !signal.aborted; await pause(intervalMs, signal)) {
    const rows = await server.ask<{ text: string }>(
      "SELECT task_status || ' ' || count(*) AS text FROM tasks GROUP BY task_status ORDER BY task_status",
    );
    const deeds = [...demon.counts.values()].reduce((sum, count) => sum + count, 0);
    say(`== ${crowd.taskCount} tasks: ${rows.map(({ text }) => text).join(', ')}; ${deeds} faults`);
  }
}

interface Observed {
  readonly crowd: Crowd;
  readonly demon: Demon;
  readonly fleet: Fleet;
  readonly memory: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly settledSec: number | null;
}

function figuresOf(books: Books, observed: Observed): SoakFigures {
  const { crowd, demon, fleet, memory, fromMs, toMs, settledSec } = observed;
  const cancels = cancelTimes(crowd.cancels, demon.disturbances);
  return {
    fates: countBy(books.tasks, ({ task_status, error_code }) =>
      task_status === 'failed' ? `failed ${error_code}` : task_status,
    ),
    waves: crowd.waveCount,
    cancelRequests: crowd.cancelCount,
    retries: crowd.retryCount,
    deeds: Object.fromEntries(demon.counts),
    ends: countBy(fleet.ends, ({ kind }) => kind),
    reclaims: spreadOf(reclaimTimes(books, fleet.ends)),
    cancels: spreadOf(cancels.calm),
    disturbedCancels: spreadOf(cancels.disturbed),
    stops: spreadOf(fleet.stopsMs.map((ms) => ms / 1000)),
    memory: memoryFigures(memory),
    tasksPerSec: throughput(books, fromMs, toMs),
    settledSec,
    events: Object.fromEntries(fleet.eventCounts),
  };
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const groups = Map.groupBy(items, keyOf);
  return Object.fromEntries([...groups].map(([key, group]) => [key, group.length]));
}
