import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { formatTable } from '../../src/cli/table.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { readTreeBytes } from './process-tree.ts';
import { type BenchSite, createSite } from './site.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const MAIN = path.join(ROOT_DIR, 'src/cli/main.ts');
const SAMPLE = path.join(ROOT_DIR, 'samples/english-read');
const LANG = 'engUS_SPHINX_v010';
const USER = 'bench';
const TASKS_PER_SLOT = 2;
const LOOK_MS = 50;
const MB = 1024 ** 2;

interface Measured {
  readonly slots: number;
  readonly audioSecPerSec: number;
  readonly idleMb: number;
  readonly peakMb: number;
}

export const sizing: Benchmark = {
  name: 'sizing',
  summary:
    'one worker with the built-in engine and more and more slots: audio per second, memory of all its processes',
  isLong: true,
  run: async (context) => {
    await using site = await createSite(context);
    const cores = os.availableParallelism();
    const measured: Measured[] = [];
    for (const slots of new Set([1, Math.max(2, cores), 2 * cores]))
      measured.push(await measure(site, slots, context));
    const [one] = measured;
    const last = measured.at(-1);
    if (one === undefined || last === undefined || one === last) throw new Error('nothing was measured');
    const full = measured.find(({ slots }) => slots === cores) ?? last;
    const perSlotMb = Math.max(...measured.map(({ slots, peakMb, idleMb }) => (peakMb - idleMb) / slots));
    const beside = { name: 'one slot', value: one.audioSecPerSec };
    return {
      figures: [
        {
          what: `seconds of audio per second, ${full.slots} slots`,
          value: full.audioSecPerSec,
          unit: '1/s',
          beside,
        },
        { what: `the same, ${last.slots} slots`, value: last.audioSecPerSec, unit: '1/s', beside },
        { what: 'memory of an idle worker', value: one.idleMb, unit: 'MB' },
        { what: 'memory of each busy slot beside it', value: perSlotMb, unit: 'MB' },
      ],
      notes: describe(measured),
    };
  },
};

function describe(measured: readonly Measured[]): string[] {
  const right = (title: string) => ({ title, align: 'right' as const });
  return formatTable(
    ['slots', 'audio s per s', 'idle MB', 'peak MB'].map(right),
    measured.map(({ slots, audioSecPerSec, idleMb, peakMb }) => [
      `${slots}`,
      audioSecPerSec.toFixed(1),
      idleMb.toFixed(0),
      peakMb.toFixed(0),
    ]),
  );
}

async function measure(site: BenchSite, slots: number, { signal }: BenchContext): Promise<Measured> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, 'worker'], {
    env: { PATH: process.env['PATH'] ?? '', ...site.env, ALIGNMENT_WORKERS: String(slots) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  try {
    for await (const line of createInterface(child.stdout)) if (line.startsWith('worker ready')) break;
    const pid = child.pid ?? 0;
    const idleMb = readTreeBytes(pid) / MB;
    const ids = Array.from({ length: slots * TASKS_PER_SLOT }, (_, index) => `s${slots}-${index}`);
    for (const id of ids)
      await cp(SAMPLE, path.join(site.env['UPLOADS'] ?? '', `${USER}/upl/${id}`), { recursive: true });
    const startedMs = performance.now();
    await site.client.query(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
       SELECT id, $2, $3, $2 || '/upl/' || id, 'uploaded' FROM unnest($1::text[]) AS id`,
      [ids, USER, LANG],
    );
    let peakMb = idleMb;
    let audioSec: number | null = null;
    while (audioSec === null) {
      signal.throwIfAborted();
      if (child.exitCode !== null) throw new Error('the worker has ended');
      await delay(LOOK_MS);
      peakMb = Math.max(peakMb, readTreeBytes(pid) / MB);
      audioSec = await readAudioSec(site, ids);
    }
    const seconds = (performance.now() - startedMs) / 1000;
    return { slots, audioSecPerSec: audioSec / seconds, idleMb, peakMb };
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

/** @returns null if some have not ended */
async function readAudioSec(site: BenchSite, ids: readonly string[]): Promise<number | null> {
  const { rows } = await site.client.query<{ open: number; failed: number; sec: number }>(
    `SELECT count(*) FILTER (WHERE finished_at IS NULL)::int AS open,
       count(*) FILTER (WHERE task_status = 'failed')::int AS failed, sum(audio_seconds) AS sec
     FROM tasks WHERE task_id = ANY ($1)`,
    [ids],
  );
  const [row] = rows;
  if ((row?.failed ?? 0) > 0) throw new Error('a task did not complete');
  return row === undefined || row.open > 0 ? null : row.sec;
}
