import os from 'node:os';
import path from 'node:path';
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts';
import { removeAbandonedSoaks } from './abandoned-soaks.ts';
import { audit } from './audit/audit.ts';
import { type FinalRows, readFinalRows, type Violation } from './audit/final-rows.ts';
import { judgeUnfinished } from './audit/unfinished.ts';
import { BEHAVIOURS } from './behaviours.ts';
import { CRASH_LIMIT, environmentOf, GRACE_SEC, RETRY_LIMIT, SLOTS_PER_INSTANCE } from './environment.ts';
import { FaultInjector, makePlan } from './fault-injector.ts';
import type { FaultName } from './faults/catalogue.ts';
import { collectFigures, type SoakFigures } from './figures.ts';
import { Fleet } from './fleet.ts';
import { residentBytes } from './instance.ts';
import { keepEvidence } from './keep.ts';
import { Load } from './load.ts';
import { Random } from './random.ts';
import { type Server, startServer } from './server.ts';
import { makeSoakDirs, type SoakDirs } from './soak-dirs.ts';
import { Submissions } from './submissions.ts';
import { waitForEnd } from './wait-for-end.ts';
import { pause } from './waiting.ts';

export interface SoakOptions {
  readonly durationSec: number;
  readonly instanceCount: number;
  readonly seed: number;
  /** Faults that may happen; an empty list: a calm soak. */
  readonly faults: readonly FaultName[];
  /** A factor: how many times as often as usual. */
  readonly pace: number;
  /** Whether Postgres waits for the disk at each commit, as at a site. */
  readonly isDurable: boolean;
  /** For a soak that is shorter than the minute after which other instances clean up for a dead one. */
  readonly isHurried: boolean;
  /** Names of the behaviours that tasks may have; by default all. */
  readonly behaviours?: readonly string[];
  /** A wave of tasks is added when no more than this number are open; by default as many as there are slots. */
  readonly lowWater?: number;
  /** Program of an instance; by default that of the tests. */
  readonly main?: string;
  /** Folder for logs and findings. */
  readonly evidenceDir: string;
  readonly keepsEvidence: 'always' | 'of failures' | 'never';
  readonly say: (line: string) => void;
  /** Stops it early: everything is taken down, and only what is already known is judged. */
  readonly signal: AbortSignal;
}

export interface SoakReport {
  readonly verdict: 'held' | 'did not hold' | 'broken off';
  /** Why it was stopped early. */
  readonly reason: string | null;
  readonly violations: readonly Violation[];
  /** Null: the database did not answer any more. */
  readonly figures: SoakFigures | null;
  readonly evidenceDir: string | null;
}

/** Shorter than the settings allow, so that many faults fit into minutes. */
export const LEASE_SEC = 4;
const MAIN = path.resolve(import.meta.dirname, '../../testing/instance-main.ts');
/** Longer than a standby lags behind. */
const REMOVAL_DELAY_SEC = 6;
const HURRIED_REMOVAL_DELAY_SEC = 1;
/** Time limit for questions to the database when a soak was stopped early. */
const OUTPUT_WAIT_MS = 30_000;

/** Everything that takes part in a soak. */
interface Stage {
  readonly dirs: SoakDirs;
  readonly server: Server;
  readonly fleet: Fleet;
  readonly submissions: Submissions;
  readonly load: Load;
  readonly injector: FaultInjector;
}

/** Memory and times that were measured while it went on. */
interface Course {
  readonly memory: number[];
  fromMs: number;
  toMs: number;
  settledSec: number | null;
}

/**
 * Runs one soak from an empty folder to the verdict, and leaves only the evidence behind. It reports what is known,
 * also when something fails.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  for (const dir of await removeAbandonedSoaks(os.tmpdir()))
    options.say(`removed what a killed soak has left: ${dir}`);
  await using stack = new AsyncDisposableStack();
  const course: Course = { memory: [], fromMs: Date.now(), toMs: Date.now(), settledSec: null };
  let stage: Stage | null = null;
  try {
    stage = await setUp(stack, options);
    await goOn(stage, course, options);
    options.signal.throwIfAborted();
    return await judge(stage, course, options);
  } catch (error) {
    const reason = String(options.signal.aborted ? options.signal.reason : ((error as Error).stack ?? error));
    course.toMs = Date.now();
    return await breakOffSoak(stage, course, reason, options);
  }
}

async function setUp(stack: AsyncDisposableStack, options: SoakOptions): Promise<Stage> {
  const { seed, instanceCount, say, signal } = options;
  const dirs = stack.use(await makeSoakDirs());
  if (dirs.disks === null) say('no right to mount a file system here: disks are not filled');
  const server = stack.use(
    await startServer(dirs.postgresDir, { leaseSec: LEASE_SEC, isDurable: options.isDurable, signal }),
  );
  const proxies: TcpProxy[] = [];
  while (proxies.length < instanceCount) proxies.push(stack.use(await startTcpProxy(server.port)));
  const behaviours = BEHAVIOURS.filter(({ name }) => options.behaviours?.includes(name) ?? true);
  const hasStrangeNotes = behaviours.some(({ name }) => name.includes('strange characters'));
  const removalDelaySec = options.isHurried ? HURRIED_REMOVAL_DELAY_SEC : REMOVAL_DELAY_SEC;
  const site = { dirs, server, instanceCount, hasStrangeNotes, removalDelaySec };
  const main = options.main ?? MAIN;
  const fleet = new Fleet({
    main,
    proxies,
    envOf: (slot) => environmentOf(slot, proxies[slot]?.port ?? 0, site),
    dir: dirs.dir,
    logsDir: dirs.logsDir,
    graceSec: GRACE_SEC,
    say,
  });
  stack.defer(() => fleet.kill9All());
  await fleet.start();
  say(`${instanceCount} instances run; Postgres ${server.version}`);
  const submissions = new Submissions();
  const load = new Load({
    behaviours,
    server,
    fleet,
    dirs,
    submissions,
    random: new Random(seed + 1),
    lowWater: options.lowWater ?? instanceCount * SLOTS_PER_INSTANCE,
  });
  const extraEnv = environmentOf(instanceCount, 0, site);
  const target = { fleet, server, dirs, load, submissions, leaseSec: LEASE_SEC, extraEnv, main };
  const injector = new FaultInjector(makePlan(options), target, say);
  return { dirs, server, fleet, submissions, load, injector };
}

/**
 * Load and faults for the given time, and until the last planned fault has run its course, however slow the machine is;
 * then the wait until all work has ended.
 */
async function goOn(stage: Stage, course: Course, options: SoakOptions): Promise<void> {
  const { durationSec, isHurried, say, signal } = options;
  const { server, fleet, dirs, submissions, load, injector } = stage;
  course.fromMs = Date.now();
  const time = new AbortController();
  const until = AbortSignal.any([time.signal, signal]);
  const faults = injector.run(until);
  const parts = [
    load.run(until),
    faults,
    everySecond(until, () => sample(fleet, course.memory)),
    watch(until, durationSec, stage, say),
  ];
  // If one fails, the others are told to end, each in order. A fault that is not undone would keep them waiting.
  for (const part of parts) part.catch(() => time.abort());
  await Promise.allSettled([pause(durationSec * 1000, until), faults]);
  course.toMs = Date.now();
  time.abort();
  const failed = (await Promise.allSettled(parts)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  signal.throwIfAborted();
  say('no more faults; waiting until all tasks have ended and all files are cleaned up');
  course.settledSec = await waitForEnd({ server, fleet, dirs, submissions, isHurried, say, signal });
  sample(fleet, course.memory);
  await fleet.stop();
}

async function judge(stage: Stage, course: Course, options: SoakOptions): Promise<SoakReport> {
  const { dirs, server, fleet, submissions, injector } = stage;
  const finalRows = await readFinalRows(server);
  const violations = [
    ...(await audit(finalRows, {
      dirs,
      submissions,
      instanceLogs: fleet.instanceLogs,
      crashLimit: CRASH_LIMIT,
      retryLimit: RETRY_LIMIT,
      ends: fleet.ends,
      instancePids: [...fleet.pids],
      isHurried: options.isHurried,
    })),
    ...injector.findings,
    ...faultsOf(fleet),
  ];
  const verdict = violations.length === 0 ? 'held' : 'did not hold';
  const evidenceDir = await keep(stage, violations, finalRows, options);
  const figures = collectFigures(finalRows, { ...stage, ...course });
  return { verdict, reason: null, violations, figures, evidenceDir };
}

/** The instances and the database may be in any state. What they answer in time is reported, the rest is left out. */
async function breakOffSoak(
  stage: Stage | null,
  course: Course,
  reason: string,
  options: SoakOptions,
): Promise<SoakReport> {
  const nothing = {
    verdict: 'broken off',
    reason,
    violations: [],
    figures: null,
    evidenceDir: null,
  } as const;
  if (stage === null) return nothing;
  const { server, fleet, submissions, injector } = stage;
  await fleet.kill9All();
  const seen = [...injector.findings, ...faultsOf(fleet)];
  const answered = new AbortController();
  const giveUp = pause(OUTPUT_WAIT_MS, answered.signal).then(() => null);
  const finalRows = await Promise.race([readFinalRows(server).catch(() => null), giveUp]);
  answered.abort();
  if (finalRows === null) return { ...nothing, violations: seen };
  const limits = { crashLimit: CRASH_LIMIT, retryLimit: RETRY_LIMIT };
  const violations = [
    ...seen,
    ...judgeUnfinished(finalRows, {
      submissions,
      instanceLogs: fleet.instanceLogs,
      ends: fleet.ends,
      ...limits,
    }),
  ];
  const evidenceDir = await keep(stage, violations, finalRows, options).catch(() => null);
  return { ...nothing, violations, figures: collectFigures(finalRows, { ...stage, ...course }), evidenceDir };
}

function faultsOf(fleet: Fleet): Violation[] {
  const rule = 'an instance ends when told to, and not before';
  return fleet.faults.map((message) => ({ rule, taskId: null, message }));
}

async function keep(
  { dirs }: Stage,
  violations: readonly Violation[],
  finalRows: FinalRows,
  { keepsEvidence, evidenceDir }: SoakOptions,
): Promise<string | null> {
  const isKept = keepsEvidence === 'always' || (keepsEvidence === 'of failures' && violations.length > 0);
  if (!isKept) return null;
  await keepEvidence(evidenceDir, dirs.logsDir, violations, finalRows);
  return evidenceDir;
}

function sample(fleet: Fleet, memory: number[]): void {
  const pid = fleet.pidOf(0);
  const bytes = pid === null ? null : residentBytes(pid);
  if (bytes !== null) memory.push(bytes);
}

async function everySecond(signal: AbortSignal, act: () => void): Promise<void> {
  for (; !signal.aborted; await pause(1_000, signal)) act();
}

/** For an operator who watches. */
async function watch(
  signal: AbortSignal,
  durationSec: number,
  { server, submissions, injector }: Stage,
  say: (line: string) => void,
): Promise<void> {
  const intervalMs = durationSec > 60 ? 10_000 : 5_000;
  for (await pause(intervalMs, signal); !signal.aborted; await pause(intervalMs, signal)) {
    const rows = await server.ask<{ text: string }>(
      "SELECT task_status || ' ' || count(*) AS text FROM tasks GROUP BY task_status ORDER BY task_status",
    );
    const states = rows.map(({ text }) => text).join(', ');
    say(`== ${submissions.all.length} tasks: ${states}; ${injector.count} faults`);
  }
}
