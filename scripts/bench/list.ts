import type { BenchContext, Benchmark, Figure } from './benchmark.ts';
import { fillTasks } from './list-rows.ts';
import { percentile, timeMs } from './numbers.ts';
import { createPageSite } from './page-site.ts';

const ROW_COUNT = 1_000_000;
const ROUNDS = 20;
const COUNT_ROUNDS = 5;
const DAY_MS = 86_400_000;
const OLD = 230;
const PAGE_GOAL = { atMost: 100 } as const;
const COUNT_GOAL = { atMost: 500 } as const;

/** Filters that users of the list choose, as parameters. The rows are those of `fillTasks`. */
const FILTERS: Readonly<Record<string, string>> = {
  'all tasks': '',
  'a status of few tasks': 'status=uploading',
  'a status of old tasks': 'status=expired',
  'several statuses': 'status=uploaded,processing',
  'one error code': 'code=E_ENGINE_FAILED',
  'a user of many tasks': 'user=user0',
  'a user of few tasks': 'user=user499',
  'one user, a status of old tasks': 'user=user0&status=expired',
  'a common language': 'lang=engUS',
  'a rare language': 'lang=estEE_FASE',
  'a language that no task has': 'lang=gleIE',
  'a rare language, a status of old tasks': 'lang=estEE_FASE&status=expired',
  'an engine and a language that no task has both': 'engine=FASE&lang=engUS_SPHINX',
  'a part of a name that many have': 'q=interview',
  'a part of a name that few have': 'q=tartu%2000',
  'a part of a name that none has': 'q=no%20such%20name',
  'a part of a name that none has, failed': 'q=no%20such%20name&status=failed',
  'an hour': `since=${daysAgo(OLD)}&until=${daysAgo(OLD - 1 / 24)}`,
  'a month': `since=${daysAgo(OLD)}&until=${daysAgo(OLD - 30)}`,
  'a month, failed': `since=${daysAgo(OLD)}&until=${daysAgo(OLD - 30)}&status=failed`,
  'a month, a part of a name that none has': `since=${daysAgo(OLD)}&until=${daysAgo(OLD - 30)}&q=no%20such`,
};

export const list: Benchmark = {
  name: 'list',
  summary: `${ROW_COUNT} tasks (--count), over HTTP: 50 tasks a page by filter, p95 of ${ROUNDS} requests, on the first page and half a year ago; counts and statistics, p95 of ${COUNT_ROUNDS}`,
  isLong: true,
  run: async (context: BenchContext) => {
    await using page = await createPageSite(context);
    await fillTasks(page.site.client, context.count ?? ROW_COUNT);
    const api = `${page.address}/api/v1`;
    const figures: Figure[] = [];
    const measure = async (what: string, address: string, rounds: number, goal: { atMost: number }) => {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        context.signal.throwIfAborted();
        times.push(await timeMs(() => get(address)));
      }
      figures.push({ what, value: percentile(times, 95), unit: 'ms', goal });
    };
    const deep = `${Math.round(Date.now() - (365 / 2) * DAY_MS) * 1000}_1`;
    for (const [what, query] of Object.entries(FILTERS)) {
      await measure(what, `${api}/tasks?${query}`, ROUNDS, PAGE_GOAL);
      await measure(`${what}, an old page`, `${api}/tasks?${query}&cursor=${deep}`, ROUNDS, PAGE_GOAL);
      await measure(`${what}, counted`, `${api}/tasks/count?${query}`, COUNT_ROUNDS, COUNT_GOAL);
    }
    for (const window of ['hour', 'day', 'week'])
      await measure(
        `statistics of the last ${window}`,
        `${api}/statistics?window=${window}`,
        COUNT_ROUNDS,
        COUNT_GOAL,
      );
    return { figures, notes: [] };
  },
};

function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}

async function get(address: string): Promise<void> {
  const response = await fetch(address);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${address}: ${response.status} ${text}`);
}
