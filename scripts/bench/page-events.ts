import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { readProcessUse } from './machine.ts';
import { percentile } from './numbers.ts';
import { createPageSite, type PageSite } from './page-site.ts';
import { countStatements, listStatements, sumOf } from './statements.ts';

const STREAM_COUNT = 500;
const CHANGE_COUNT = 50;
/** Longer than the time for which changes are collected, so that each change is read alone. */
const PAUSE_MS = 150;
/** One query, and the few of the connections themselves. */
const MAX_STATEMENTS = 1.1;
/** Several heartbeats of each stream. */
const IDLE_SEC = 60;

export const pageEvents: Benchmark = {
  name: 'page-events',
  summary: `${STREAM_COUNT} open event streams: idle for ${IDLE_SEC} s, then ${CHANGE_COUNT} changes`,
  isLong: true,
  run: async (context: BenchContext) => {
    await using page = await createPageSite(context, { logStatements: true });
    const streams = Array.from({ length: STREAM_COUNT }, () => new Stream());
    try {
      await Promise.all(streams.map((stream) => stream.open(`${page.address}/api/v1/events`)));
      const idle = await measureIdle(page, context.signal);
      await page.site.database.takeStatements();
      const latenciesMs = await measureChanges(page, streams, context.signal);
      const counts = countStatements(await page.site.database.takeStatements(), 'autophon web');
      return {
        figures: [
          { what: 'a core when idle', value: idle, unit: 'share', goal: { atMost: 0.01 } },
          {
            what: 'statements per change',
            value: sumOf(counts) / CHANGE_COUNT,
            unit: 'count',
            goal: { atMost: MAX_STATEMENTS },
          },
          {
            what: 'commit to the last of all streams, p95',
            value: percentile(latenciesMs, 95),
            unit: 'ms',
            goal: { atMost: 200 },
          },
        ],
        notes: ['statements per change:', ...listStatements(counts, CHANGE_COUNT)],
      };
    } finally {
      for (const stream of streams) stream.close();
    }
  },
};

async function measureIdle({ web }: PageSite, signal: AbortSignal): Promise<number> {
  const before = await readProcessUse(web.pid);
  await delay(IDLE_SEC * 1000, undefined, { signal });
  const after = await readProcessUse(web.pid);
  return (after.cpuSec - before.cpuSec) / IDLE_SEC;
}

async function measureChanges(
  { site }: PageSite,
  streams: readonly Stream[],
  signal: AbortSignal,
): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (let n = 0; n < CHANGE_COUNT; n++) {
    const told = streams.map((stream) => stream.nextTask());
    const { rowCount } = await site.client.query(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_status) VALUES ($1, 'bench', $2, 'uploading')`,
      [`e${n}`, TRIVIAL_LANGUAGE],
    );
    const committedMs = performance.now();
    if (rowCount !== 1) throw new Error('the row was not added');
    await Promise.all(told);
    latenciesMs.push(performance.now() - committedMs);
    await delay(PAUSE_MS, undefined, { signal });
  }
  return latenciesMs;
}

/** A client that listens, and receives one task at a time. */
class Stream {
  #request: http.ClientRequest | null = null;
  #onTask: () => void = () => undefined;

  open(address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#request = http.get(address, { agent: false }, (response) => {
        response.setEncoding('utf8').on('data', (text: string) => {
          if (text.includes('event: ready')) resolve();
          if (text.includes('event: task')) this.#onTask();
        });
        response.on('error', () => undefined);
      });
      this.#request.on('error', reject);
    });
  }

  nextTask(): Promise<void> {
    return new Promise((resolve) => {
      this.#onTask = resolve;
    });
  }

  close(): void {
    this.#request?.destroy();
  }
}
