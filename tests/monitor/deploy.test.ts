import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { AttemptMetrics } from '../../src/monitor/attempt-metrics.ts';
import { InstanceMetrics } from '../../src/monitor/instance-metrics.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import { plain, ROOT_DIR, readFile, tableRows } from '../docs/markdown.ts';

const RULES = readFile('deploy/prometheus/rules.yml');
const DASHBOARD = JSON.parse(readFile('deploy/grafana/autophon.json')) as Dashboard;
const PAGE = readFile('docs/monitoring.md');
const GRID_WIDTH = 24;
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const withPromtool = hasPromtool ? test : test.skip;

/** The part of Grafana's documented classic model that is used. */
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly annotations: { readonly list: readonly unknown[] };
  readonly panels: readonly Panel[];
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

interface Known {
  readonly labels: readonly string[];
  readonly type: string;
}

const known = await readMetrics();
const queries = DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({ title, expr })),
);

test('rules and dashboard use only existing metrics and labels', () => {
  const expressions = [{ title: 'rules.yml', expr: RULES }, ...queries];
  for (const { title, expr } of expressions) {
    for (const [, name = '', labels = ''] of expr.matchAll(/\b(autophon_[a-z_]+)(?:\{([^}]*)\})?/g)) {
      const metric = findMetric(name);
      assert.ok(metric !== undefined, `${title}: ${name}`);
      for (const [, label = ''] of labels.matchAll(/(\w+)\s*[=!]/g))
        assert.ok(['job', 'instance', ...metric.labels].includes(label), `${title}: ${name}{${label}}`);
    }
  }
});

test('a figure of the site is never added up over workers', () => {
  for (const { title, expr } of [{ title: 'rules.yml', expr: RULES }, ...queries]) {
    for (const [name, { labels }] of known) {
      if (!labels.includes('scope')) continue;
      const uses = expr.match(new RegExp(`\\b${name}\\b`, 'g')) ?? [];
      const greatest = expr.match(new RegExp(`\\bmax(?: by \\([^)]*\\) )?\\(${name}\\b`, 'g')) ?? [];
      assert.equal(greatest.length, uses.length, `${title}: ${name}`);
    }
  }
});

test('docs/monitoring.md lists each metric with its labels, and says which are of the whole site', () => {
  const rows = tableRows(PAGE, 'metric', 'labels', 'what').filter(([name = '']) =>
    name.startsWith('`autophon_'),
  );
  const described = rows.map(([name, labels]) =>
    `${plain(name)} ${plain(labels).replaceAll(',', '')}`.trim(),
  );
  const expected = [...known]
    .filter(([name]) => name.startsWith('autophon_'))
    .map(([name, { labels }]) => [name, ...labels.filter((label) => label !== 'scope')].join(' '));
  assert.deepEqual(described.toSorted(), expected.toSorted());
  const [, ofSite = ''] = PAGE.split('These are figures of the whole site');
  for (const [name, { labels }] of known)
    if (name.startsWith('autophon_'))
      assert.equal(ofSite.includes(`\n| \`${name}\` |`), labels.includes('scope'), name);
});

test('each alert has a summary, says what to do, and is tried by the tests of the rules', () => {
  const tried = readFile('deploy/prometheus/rules_test.yml');
  const alerts = RULES.split(/^ {6}- alert: /m).slice(1);
  assert.ok(alerts.length >= 6);
  for (const alert of alerts) {
    const [name = ''] = alert.split('\n');
    assert.match(alert, /severity: (critical|warning)/, name);
    assert.match(alert, /summary: \S.*\n {10}description: \S/, name);
    assert.ok(tried.includes(`alertname="${name}"`), name);
  }
});

withPromtool('promtool finds the rules, the example and what they tell in order', () => {
  for (const args of [
    ['check', 'rules', 'deploy/prometheus/rules.yml'],
    ['check', 'config', 'deploy/prometheus/prometheus.yml'],
    ['test', 'rules', 'deploy/prometheus/rules_test.yml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ROOT_DIR, encoding: 'utf8' });
    assert.equal(status, 0, `promtool ${args.join(' ')}: ${stdout}${stderr}`);
  }
});

test('Grafana can load the dashboard: its panels have a place, a source and their own queries', () => {
  const { uid, title, schemaVersion, time, templating, annotations, panels } = DASHBOARD;
  assert.deepEqual([uid, title, time.to], ['autophon', 'Autophon', 'now']);
  assert.ok(Number.isInteger(schemaVersion) && Array.isArray(annotations.list));
  const variables = templating.list.map(({ name }) => name);
  assert.deepEqual(variables, ['datasource', 'job', 'instance']);
  const ids = panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const taken = new Set<string>();
  for (const panel of panels) {
    const { gridPos, targets = [] } = panel;
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(x < GRID_WIDTH && !taken.has(`${x} ${y}`), `${panel.title} lies over another panel`);
        taken.add(`${x} ${y}`);
      }
    }
    if (panel.type === 'row') continue;
    assert.deepEqual(panel.datasource, { type: 'prometheus', uid: '$' + '{datasource}' }, panel.title);
    const names = targets.map(({ refId }) => refId);
    assert.ok(names.length > 0 && new Set(names).size === names.length, panel.title);
    for (const { expr } of targets)
      for (const [, variable = ''] of expr.matchAll(/\$(\w+)/g))
        assert.ok(
          variable === '__rate_interval' || variables.includes(variable),
          `${panel.title}: ${variable}`,
        );
  }
});

withPromtool('Prometheus can read each query of the dashboard', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-queries-'));
  try {
    const file = path.join(dir, 'queries.yml');
    const rules = queries.map(({ expr }, n) => ({
      record: `query:${n}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    // JSON is valid YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test.run();

function findMetric(name: string): Known | undefined {
  const [, base = ''] = /^(.*?)(?:_bucket|_sum|_count)?$/.exec(name) ?? [];
  const histogram = known.get(base);
  return known.get(name) ?? (histogram?.type === 'histogram' ? histogram : undefined);
}

/** All metrics of a worker, as they register themselves. */
async function readMetrics(): Promise<Map<string, Known>> {
  const monitor = new Monitor({
    url: 'postgres://nobody@127.0.0.1:1/none',
    isAlive: () => true,
    needs: () => ({}),
  });
  new InstanceMetrics(monitor.registry);
  new AttemptMetrics(monitor.registry, []);
  const metrics = monitor.registry.getMetricsAsArray() as unknown as readonly {
    readonly name: string;
    readonly type: string;
    readonly labelNames: readonly string[];
  }[];
  await monitor.stop();
  return new Map(metrics.map(({ name, type, labelNames }) => [name, { type, labels: labelNames }]));
}
