import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import { type CliProcess, endAllCli, runCli, startCli } from '../cli/run-cli.ts';
import { valuesOf } from '../support/exposition.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../samples/english-read');
const HAS_PROMTOOL = spawnSync('promtool', ['--version']).status === 0;
const ANY_PORT = { METRICS: '127.0.0.1:0' };

const test = suite<{ site: Site }>('monitoring of a worker');

test.before(async (context) => {
  context.site = await createSite();
});
test.after(async ({ site }) => {
  endAllCli();
  await site[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Watched {
  readonly worker: CliProcess;
  readonly address: string;
  get(path: string): Promise<Answer>;
  /**
   * Waits until `/readyz` answers with this status and a text that fits. The database of a busy machine may need longer than
   * a worker waits for it here.
   */
  says(status: number, text: RegExp): Promise<void>;
  /** Waits for metrics that fit. */
  values(
    what: string | (() => string),
    fit: (values: Map<string, number>) => boolean,
  ): Promise<Map<string, number>>;
  /** Stops it with SIGTERM. */
  stop(): Promise<void>;
}

async function watch(site: Site, env: Readonly<Record<string, string>> = {}): Promise<Watched> {
  const worker = startCli(['worker', '--json'], { ...site.env, ...env, ...ANY_PORT });
  await worker.said('\n}\n');
  await worker.noted('monitor.started');
  const { stderr } = worker.printed();
  const [, address = ''] = /monitor\.started.* address=(\S+)/.exec(stderr) ?? [];
  const get = async (place: string) => {
    const response = await fetch(address + place);
    return { status: response.status, text: await response.text() };
  };
  return {
    worker,
    address,
    get,
    says: async (status, text) => {
      let answer: Answer = { status: 0, text: '' };
      await site.until(
        () => `/readyz to say ${status} ${text}, it said ${answer.status} ${answer.text}`,
        async () => {
          answer = await get('/readyz');
          return answer.status === status && text.test(answer.text);
        },
      );
    },
    values: async (what, fit) => {
      let found = new Map<string, number>();
      await site.until(what, async () => {
        found = valuesOf((await get('/metrics')).text);
        return fit(found);
      });
      return found;
    },
    stop: async () => {
      worker.child.kill('SIGTERM');
      assert.equal((await worker.ended).exitCode, 0);
    },
  };
}

test('a worker that is ready says so, counts what it does, and its metrics pass promtool', async ({
  site,
}) => {
  const { get, says, values, stop } = await watch(site);
  assert.deepEqual(await get('/livez'), { status: 200, text: 'alive\n' });
  await says(200, /^ok database\nok notifications\nok engine\nok resources\nok state\n$/);
  const submitted = await runCli(['submit', SAMPLE, '--lang', 'engUS_SPHINX_v010', '--wait'], site.env);
  assert.equal(submitted.exitCode, 0, submitted.stderr);
  const expected = {
    'autophon_attempts_total{engine="SPHINX",outcome="completed",error_code=""}': 1,
    autophon_database_up: 1,
    'autophon_slots{state="busy"}': 0,
    'autophon_slots{state="idle"}': 2,
    'autophon_engine_up{engine="SPHINX"}': 1,
    'autophon_stage_seconds_count{stage="cleanup"}': 1,
    'autophon_tasks{scope="site",status="uploaded"}': 0,
    'autophon_tasks_ended_last_hour{scope="site",status="completed"}': 1,
    'autophon_workers{scope="site",state="ready"}': 1,
    'autophon_engine_workers{scope="site",engine="SPHINX"}': 1,
    'autophon_tasks_stuck{scope="site"}': 0,
  };
  // The attempt is counted before its slot is idle again.
  let differing: string[] = [];
  const found = await values(
    () => `the expected figures; others: ${differing.join(', ')}`,
    (all) => {
      differing = Object.entries(expected).flatMap(([sample, value]) =>
        all.get(sample) === value ? [] : [`${sample} ${all.get(sample)}`],
      );
      return differing.length === 0;
    },
  );
  assert.ok((found.get('autophon_disk_free_bytes{folder="UPLOADS"}') ?? 0) > 0);
  assert.ok((found.get('autophon_audio_seconds_total{engine="SPHINX"}') ?? 0) > 10);
  // An engine without a setting is not a fault.
  assert.equal(found.has('autophon_engine_up{engine="MFA2"}'), false);
  if (HAS_PROMTOOL) {
    const { text } = await get('/metrics');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    // promtool's advice is about names that prom-client chooses for figures of Node.
    const ours = (stdout + stderr).split('\n').filter((line) => line.includes('autophon'));
    assert.deepEqual(ours, [], `status ${status}`);
  }
  await stop();
});

test('a worker whose database is away is alive and not ready, still answers, and is ready again after', async ({
  site,
}) => {
  const { hostname, port } = new URL(site.url);
  await using proxy = await startTcpProxy(() => Number(port));
  const url = new URL(site.url);
  url.port = String(proxy.port);
  assert.ok(hostname !== '');
  const { get, says, stop } = await watch(site, { DATABASE_URL: url.href });
  const metrics = async () => valuesOf((await get('/metrics')).text);
  await says(200, /^ok database$/m);
  const accept = proxy.refuse();
  proxy.reset();
  await says(503, /^failed notifications: /m);
  const { status, text } = await get('/readyz');
  assert.equal(status, 503);
  assert.match(text, /^failed database: it does not answer$/m);
  assert.match(text, /^failed notifications: /m);
  assert.doesNotMatch(text, /127\.0\.0\.1/);
  assert.equal((await get('/livez')).status, 200);
  const found = await metrics();
  assert.equal(found.get('autophon_database_up'), 0);
  assert.equal([...found.keys()].filter((sample) => sample.includes('scope="site"')).length, 0);
  accept();
  await says(200, /^ok database$/m);
  // The connection is silent but not closed. Metrics do not wait for it.
  const goOn = proxy.stall();
  const hung = await get('/readyz');
  assert.deepEqual([hung.status, /failed database/.test(hung.text)], [503, true]);
  assert.equal((await metrics()).get('autophon_database_up'), 0);
  goOn();
  await says(200, /^ok database$/m);
  await stop();
});

test('a worker whose database takes long for the figures is ready, and gives them to a later scrape', async ({
  site,
}) => {
  await site.sql.query(`ALTER FUNCTION site_figures() RENAME TO quick_figures;
    CREATE FUNCTION site_figures() RETURNS TABLE (figure text, label text, value double precision) LANGUAGE sql
      AS $$ SELECT quick.* FROM pg_sleep(2.2), quick_figures() AS quick $$`);
  const { get, says, values, stop } = await watch(site);
  await says(200, /^ok database$/m);
  assert.match((await get('/metrics')).text, /^autophon_database_up 0$/m);
  await values('the figures', (all) => all.get('autophon_tasks_stuck{scope="site"}') === 0);
  await stop();
  await site.sql.query('DROP FUNCTION site_figures(); ALTER FUNCTION quick_figures() RENAME TO site_figures');
});

test('a worker that takes no tasks, for lack of memory, is not ready, and shows its slots as paused', async ({
  site,
}) => {
  const { says, values, stop } = await watch(site, { MIN_FREE_MEMORY: '1000T' });
  await says(503, /^failed resources: memory: .* free, MIN_FREE_MEMORY is /m);
  await values('paused slots', (all) => all.get('autophon_slots{state="paused"}') === 2);
  await stop();
});

test('a worker that an operator has paused is not ready until it is resumed', async ({ site }) => {
  const { says, values, stop } = await watch(site);
  assert.equal((await runCli(['pause', '--reason', 'a new disk'], site.env)).exitCode, 0);
  await says(503, /^ok resources\nfailed state: an operator has paused it; /m);
  await values('paused slots', (all) => all.get('autophon_slots{state="paused"}') === 2);
  assert.equal((await runCli(['resume'], site.env)).exitCode, 0);
  await says(200, /^ok state$/m);
  await stop();
});

test('other paths and methods are refused', async ({ site }) => {
  const { address, get, stop } = await watch(site);
  for (const odd of ['/', '/metrics/', '/..%2fmetrics', '/api/v1/tasks'])
    assert.equal((await get(odd)).status, 404, odd);
  const posted = await fetch(`${address}/metrics`, { method: 'POST', body: 'x' });
  assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
  const head = await fetch(`${address}/livez`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  await stop();
});

test('a port that is in use ends the start with the fix, and leaves no worker behind', async ({ site }) => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const { exitCode, stderr } = await runCli(['worker'], { ...site.env, METRICS: `127.0.0.1:${port}` });
  other.close();
  assert.equal(exitCode, 2, stderr);
  assert.match(stderr, /E_CONFIG.*METRICS=127\.0\.0\.1:\d+: cannot listen there: .*EADDRINUSE/);
  assert.match(stderr, /needs a port of its own; port 0 is any free one/);
  const { rows } = await site.sql.query('SELECT 1 FROM active_instances');
  assert.equal(rows.length, 0);
  assert.deepEqual(await site.workspaces(), []);
});

test('without the setting nothing listens', async ({ site }) => {
  const worker = startCli(['worker'], site.env);
  await worker.said('worker ready');
  worker.child.kill('SIGTERM');
  const { stdout, stderr } = await worker.ended;
  assert.doesNotMatch(stdout + stderr, /metrics|monitor/);
});

test.run();
