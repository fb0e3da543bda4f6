import type { BenchContext, Benchmark, Figure } from './benchmark.ts';
import { percentile, timeMs } from './numbers.ts';
import { createPageSite } from './page-site.ts';
import type { BenchSite } from './site.ts';

const ROW_COUNT = 1_000_000;
const ROUNDS = 40;
/** A filter that takes so long gets no more requests. */
const LONGEST_MS = 10_000;

/** What people look for, as parameters of the list. */
const FILTERS: Readonly<Record<string, string>> = {
  'all tasks': '',
  'a status that few have': 'status=failed',
  'one error code': 'code=E_ENGINE_TIMEOUT',
  'one user and one status': 'user=user7&status=completed',
  'a language': 'lang=fraFR',
  'a part of a name that few have': 'q=interview%20777',
  'a part of a name that none has': 'q=no%20such%20name',
  'an hour': 'since=2026-03-01T10:00:00Z&until=2026-03-01T11:00:00Z',
  'a page in the middle': `cursor=${ROW_COUNT / 2}&status=completed`,
};

export const pageList: Benchmark = {
  name: 'page-list',
  summary: `the list of ${ROW_COUNT} tasks (--count) by filter, over HTTP, 50 tasks a page, ${ROUNDS} requests each, fewer of those that take long`,
  isLong: true,
  run: async (context: BenchContext) => {
    await using page = await createPageSite(context);
    await fill(page.site, context.count ?? ROW_COUNT);
    const figures: Figure[] = [];
    for (const [what, query] of Object.entries(FILTERS)) {
      const times: number[] = [];
      const startedMs = performance.now();
      while (times.length < ROUNDS && performance.now() - startedMs < LONGEST_MS) {
        context.signal.throwIfAborted();
        times.push(await timeMs(() => get(`${page.address}/api/v1/tasks?${query}`)));
      }
      figures.push({ what: `${what}, p95`, value: percentile(times, 95), unit: 'ms', goal: { atMost: 100 } });
    }
    const countMs = await timeMs(() => get(`${page.address}/api/v1/tasks/count`));
    figures.push({ what: 'all tasks counted by status, once', value: countMs, unit: 'ms' });
    return { figures, notes: [] };
  },
};

async function get(address: string): Promise<void> {
  const response = await fetch(address);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${address}: ${response.status} ${text}`);
}

/** Rows as years of use leave them, without the work that each change of a row causes. */
async function fill({ client }: BenchSite, count: number): Promise<void> {
  await client.query(`SET session_replication_role = replica`);
  await client.query(
    `INSERT INTO tasks (user_uuid, lang, engine, name, task_path, task_status, error_code, error_message,
                        download_path, created_at, queued_at, started_at, finished_at, audio_seconds, words)
     SELECT 'user' || n % 50, CASE n % 10 WHEN 0 THEN 'fraFR_SPHINX_v010' ELSE 'engUS_SPHINX_v010' END, 'SPHINX',
            'interview ' || n, 'user' || n % 50 || '/upl/' || n, status,
            CASE status WHEN 'failed' THEN codes[1 + n / 100 % 3] END, CASE status WHEN 'failed' THEN 'why' END,
            CASE status WHEN 'completed' THEN 'user/res/x.zip' END, made, made, made, made, 60, 150
     FROM generate_series(1, $1) AS n,
          LATERAL (SELECT timestamptz '2026-01-01' + n * interval '15 seconds' AS made,
                          CASE WHEN n % 100 = 0 THEN 'failed' WHEN n % 100 < 5 THEN 'cancelled' ELSE 'completed' END AS status,
                          ARRAY['E_ENGINE_TIMEOUT', 'E_ENGINE_FAILED', 'E_AUDIO_FORMAT'] AS codes) AS row`,
    [count],
  );
  await client.query('SET session_replication_role = origin');
  await client.query('ANALYZE tasks');
}
