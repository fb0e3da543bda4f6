import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly postgres: string | null;
}

export function describeMachine(postgres: string | null): Machine {
  return {
    cores: os.availableParallelism(),
    cpu: os.cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(os.totalmem() / 1024 ** 3),
    node: process.version,
    postgres,
  };
}

export function formatMachine({ cores, cpu, memoryGb, node, postgres }: Machine): string {
  const server = postgres === null ? '' : `, Postgres ${postgres}`;
  return `${cores} cores (${cpu}), ${memoryGb} GB, Node ${node}${server}`;
}

/** How many processes wanted a core during the last minute, including ours. */
export function loadAverage(): number {
  return os.loadavg()[0] ?? 0;
}

const LOOK_MS = 1_000;

/** Share of all cores that is in use while we do nothing. */
export async function measureOthers(): Promise<number> {
  const before = cpuTimes();
  await delay(LOOK_MS);
  const after = cpuTimes();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function cpuTimes(): { idle: number; all: number } {
  const all = os.cpus().map(({ times }) => times);
  const sum = (pick: (times: os.CpuInfo['times']) => number) =>
    all.reduce((total, times) => total + pick(times), 0);
  return { idle: sum(({ idle }) => idle), all: sum((t) => t.user + t.nice + t.sys + t.idle + t.irq) };
}

export interface ProcessUse {
  readonly residentBytes: number;
  /** User and system time since its start. */
  readonly cpuSec: number;
}

/** CPU time of a process of this machine, without its children. Linux only. */
export async function readProcessUse(pid: number): Promise<ProcessUse> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const residentKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // After the name in parentheses, which may contain blanks, the 12th and 13th fields are user and system time in
  // ticks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { residentBytes: residentKb * 1024, cpuSec: ticks / TICKS_PER_SEC };
}

/** CPU time of all children of this process that have ended, and of those that they waited for. Linux only. */
export async function readChildrenCpuSec(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SEC;
}

/** Fixed for user space on all architectures of Linux. */
const TICKS_PER_SEC = 100;
