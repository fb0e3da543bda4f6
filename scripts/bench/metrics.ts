import type { BenchContext, Benchmark, Figure } from './benchmark.ts';
import { fillTasks } from './list-rows.ts';
import { percentile, timeMs } from './numbers.ts';
import { createPageSite } from './page-site.ts';
import { countStatements, listStatements, sumOf } from './statements.ts';

const ROW_COUNT = 1_000_000;
const SCRAPES = 30;
/** Number of rows that wait in the second part, all written just before. */
const WAITING_SHARE = 0.2;
const TIME_GOAL = { atMost: 50 } as const;

export const metrics: Benchmark = {
  name: 'metrics',
  summary: `${ROW_COUNT} tasks (--count) of a year: ${SCRAPES} scrapes of /metrics, p95, and statements per scrape; the same while a fifth of them waits`,
  isLong: true,
  run: async (context: BenchContext) => {
    await using page = await createPageSite(context, { logStatements: true });
    const { client, database } = page.site;
    const count = context.count ?? ROW_COUNT;
    const figures: Figure[] = [];
    const scrape = async (what: string): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < SCRAPES; round++) {
        context.signal.throwIfAborted();
        times.push(await timeMs(() => get(`${page.address}/metrics`)));
      }
      // The first one connects and plans.
      figures.push({ what, value: percentile(times.slice(1), 95), unit: 'ms', goal: TIME_GOAL });
      return times.length;
    };
    await fillTasks(client, count);
    await database.takeStatements();
    const scrapes = await scrape('a scrape');
    const counts = countStatements(await database.takeStatements(), 'autophon monitor');
    figures.push({
      what: 'statements per scrape',
      value: sumOf(counts) / scrapes,
      unit: 'count',
      goal: { atMost: 3 },
    });
    await client.query('SET session_replication_role = replica');
    await client.query(LET_WAIT, [Math.round(count * WAITING_SHARE)]);
    await client.query('SET session_replication_role = origin');
    await scrape('a scrape, a fifth of the tasks waits');
    return { figures, notes: ['statements of all scrapes:', ...listStatements(counts, 1)] };
  },
};

const LET_WAIT = `
  UPDATE tasks SET task_status = 'uploaded', finished_at = NULL, download_path = NULL, error_code = NULL, error_message = NULL
  WHERE id > (SELECT max(id) - $1 FROM tasks)`;

async function get(address: string): Promise<void> {
  const response = await fetch(address);
  const text = await response.text();
  if (response.status !== 200 || !text.includes('autophon_database_up 1'))
    throw new Error(`${address}: ${text.slice(0, 500)}`);
}
