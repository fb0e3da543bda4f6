import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startInstance } from '../../testing/instance.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { BEHAVIOURS, RECORDING_SEC, writeTranscript } from '../soak/behaviours.ts';
import { Random } from '../soak/random.ts';
import type { BenchContext, Benchmark, Figure, Findings } from './benchmark.ts';
import { median } from './numbers.ts';
import { type BenchSite, createSite } from './site.ts';
import { BENCH_USER, taskPathOf } from './tasks.ts';

const TASK_COUNT = 80;
const SLOTS = 2;
/** A wave of tasks is added when no more than this number are open, as in the soak. */
const LOW_WATER = 4;
/** Before that, little was learned. */
const LEARNED_FROM = 10;
const LOOK_EVERY_MS = 250;
/** A service learns once a minute. */
const LEARN_EVERY_MS = 2_000;
/** For a very short task, a difference of a tenth of a second is no error. */
const MIN_LEFT_SEC = 1;
const RATE_HZ = 16_000;
/** The tasks of the soak without faults: their duration does not depend on the length of the audio. */
const SOAK_TASKS = BEHAVIOURS.filter(({ name }) => ['fast', 'slow', 'long'].includes(name));

type MakeTask = (random: Random, n: number) => readonly (readonly string[])[];

/** An estimate for one task at one moment. */
interface Forecast {
  readonly taskId: string;
  readonly atSec: number;
  readonly leftSec: number;
  readonly isWaiting: boolean;
}

export const timeLeft: Benchmark = {
  name: 'time-left',
  summary: `the time left that open tasks are said to have, against the time they took: ${TASK_COUNT} tasks in waves`,
  isLong: true,
  run: async (context) => {
    const soak: MakeTask = (random, n) => random.pick(SOAK_TASKS, ({ weight }) => weight).write(random, n);
    // Like real engines: three tenths of a second for each recording.
    const byLength: MakeTask = (random) => Array.from({ length: random.integer(1, 9) }, () => ['slow']);
    const figures = [
      ...(await measure('tasks of the soak', soak, context)),
      ...(await measure('tasks that take longer with more audio', byLength, context)),
    ];
    return { figures, notes: [] } satisfies Findings;
  },
};

async function measure(what: string, makeTask: MakeTask, context: BenchContext): Promise<Figure[]> {
  const dir = path.join(context.dir, what.replaceAll(' ', '-'));
  await mkdir(dir);
  await using site = await createSite({ ...context, dir });
  const instance = await startInstance(
    { env: site.env, dir },
    { ALIGNMENT_WORKERS: String(SLOTS), MIN_FREE_DISK: '0', MIN_FREE_MEMORY: '0' },
  );
  try {
    const forecasts = await follow(site, makeTask, context.count ?? TASK_COUNT, context.signal);
    const ends = await readEnds(site);
    return [
      {
        ...figureOf(
          `${what}: waiting`,
          forecasts.filter(({ isWaiting }) => isWaiting),
          ends,
        ),
        goal: { atMost: 0.3 },
      },
      figureOf(
        `${what}: running`,
        forecasts.filter(({ isWaiting }) => !isWaiting),
        ends,
      ),
    ];
  } finally {
    await instance.stop();
  }
}

/** Adds tasks, and meanwhile asks again and again for the time left of the open ones. */
async function follow(
  site: BenchSite,
  makeTask: MakeTask,
  taskCount: number,
  signal: AbortSignal,
): Promise<Forecast[]> {
  const random = new Random(1);
  const forecasts: Forecast[] = [];
  let madeCount = 0;
  let learnedMs = 0;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await site.client.query(`
      SELECT tasks.task_id, task_status, left_sec, extract(epoch FROM now())::float8 AS at,
             (SELECT count(*)::int FROM tasks WHERE task_status = 'completed') AS completed
      FROM tasks LEFT JOIN forecast_tasks(ARRAY(SELECT task_id FROM tasks WHERE finished_at IS NULL)) USING (task_id)
      WHERE finished_at IS NULL`);
    for (const row of rows) {
      if (row.left_sec === null || row.completed < LEARNED_FROM) continue;
      const isWaiting = row.task_status === 'uploaded';
      forecasts.push({ taskId: row.task_id, atSec: row.at, leftSec: row.left_sec, isWaiting });
    }
    if (rows.length === 0 && madeCount >= taskCount) return forecasts;
    if (rows.length <= LOW_WATER && madeCount < taskCount) {
      const count = random.integer(LOW_WATER, 3 * LOW_WATER);
      await addTasks(
        site,
        Array.from({ length: count }, () => `task-${++madeCount}`),
        (n) => makeTask(random, n),
      );
    }
    if (performance.now() - learnedMs > LEARN_EVERY_MS) {
      await site.client.query('SELECT learn_times()');
      learnedMs = performance.now();
    }
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function addTasks(
  site: BenchSite,
  taskIds: readonly string[],
  textsOf: (n: number) => readonly (readonly string[])[],
): Promise<void> {
  const wav = makeWav({ sampleRateHz: RATE_HZ, samples: new Float64Array(RATE_HZ * RECORDING_SEC) });
  for (const [n, taskId] of taskIds.entries()) {
    const dir = path.join(site.env['UPLOADS'] ?? '', taskPathOf(taskId));
    await mkdir(dir, { recursive: true });
    let bytes = 0;
    for (const [index, texts] of textsOf(n).entries()) {
      await writeFile(path.join(dir, `talk${index}.wav`), wav);
      await writeFile(path.join(dir, `talk${index}.TextGrid`), writeTranscript(texts, taskId));
      bytes += wav.length;
    }
    await site.client.query(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, size_bytes) VALUES ($1, $2, $3, $4, 'uploaded', $5)`,
      [taskId, BENCH_USER, TRIVIAL_LANGUAGE, taskPathOf(taskId), bytes],
    );
  }
}

async function readEnds(site: BenchSite): Promise<ReadonlyMap<string, number>> {
  const { rows } = await site.client.query(
    `SELECT task_id, extract(epoch FROM finished_at)::float8 AS at FROM tasks WHERE task_status = 'completed'`,
  );
  return new Map(rows.map(({ task_id, at }) => [task_id, at]));
}

function figureOf(what: string, forecasts: readonly Forecast[], ends: ReadonlyMap<string, number>): Figure {
  const errors = forecasts.flatMap(({ taskId, atSec, leftSec }) => {
    const trueSec = (ends.get(taskId) ?? Number.NaN) - atSec;
    return trueSec >= MIN_LEFT_SEC ? [Math.abs(leftSec - trueSec) / trueSec] : [];
  });
  return {
    what: `${what}, median error of ${errors.length} forecasts`,
    value: median(errors),
    unit: 'share',
  };
}
