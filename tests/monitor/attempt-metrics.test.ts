import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { test } from 'uvu';
import { AttemptMetrics } from '../../src/monitor/attempt-metrics.ts';
import type { WorkerEvent } from '../../src/worker/events.ts';
import { valuesOf } from '../support/exposition.ts';

type Ended = Extract<WorkerEvent, { kind: 'ended' }>;

const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', flags: 1 };

test('attempts are counted by engine, outcome and code, and their stages and recordings are measured', async () => {
  const { start, end, note, values } = listen(['SPHINX', 'MFA2']);
  start('a', 'SPHINX', 12);
  note({ kind: 'stage', taskId: 'a', fence: 1, trace: TRACE, stage: 'align' });
  note({ kind: 'stage', taskId: 'a', fence: 1, trace: TRACE, stage: 'package' });
  end('a', 'completed', { audioSec: 61.5 });
  start('b', 'MFA2', undefined);
  end('b', 'failed', { code: 'E_ENGINE_FAILED' });
  start('c', 'SPHINX', 0);
  end('c', 'handed back', { code: 'E_STOPPED' });
  const found = await values();
  for (const [sample, value] of Object.entries({
    'autophon_attempts_total{engine="SPHINX",outcome="completed",error_code=""}': 1,
    'autophon_attempts_total{engine="MFA2",outcome="failed",error_code="E_ENGINE_FAILED"}': 1,
    'autophon_attempts_total{engine="SPHINX",outcome="handed_back",error_code="E_STOPPED"}': 1,
    'autophon_audio_seconds_total{engine="SPHINX"}': 61.5,
    'autophon_task_wait_seconds_sum{engine="SPHINX"}': 12,
    'autophon_task_wait_seconds_bucket{le="10",engine="SPHINX"}': 1,
    'autophon_task_wait_seconds_bucket{le="30",engine="SPHINX"}': 2,
    'autophon_task_wait_seconds_bucket{le="86400",engine="SPHINX"}': 2,
    'autophon_task_run_seconds_count{engine="SPHINX",outcome="completed"}': 1,
    'autophon_stage_seconds_count{stage="prepare"}': 3,
    'autophon_stage_seconds_count{stage="align"}': 1,
    'autophon_stage_seconds_count{stage="package"}': 1,
    autophon_leases_lost_total: 0,
    autophon_results_refused_total: 0,
  }))
    assert.equal(found.get(sample), value, sample);
});

test('a lost lease, a refused result and a cancelled task are counted separately', async () => {
  const { start, end, values } = listen(['SPHINX']);
  const lost = ['E_LEASE_LOST', 'E_LEASE_LOST', null, 'E_CANCELLED'] as const;
  for (const [n, code] of lost.entries()) {
    start(`t${n}`, 'SPHINX', 1);
    end(`t${n}`, 'lost', { code });
  }
  const found = await values();
  assert.equal(found.get('autophon_leases_lost_total'), 2);
  assert.equal(found.get('autophon_results_refused_total'), 1);
});

test('invented engine names in tasks share one label', async () => {
  const { start, end, values } = listen(['SPHINX']);
  for (let n = 0; n < 100; n++) {
    start(`t${n}`, n === 0 ? null : `X${n}`, 1);
    end(`t${n}`, 'failed', { code: 'E_ENGINE_UNKNOWN' });
  }
  const samples = [...(await values()).keys()].filter((sample) =>
    sample.startsWith('autophon_attempts_total'),
  );
  assert.deepEqual(samples, [
    'autophon_attempts_total{engine="other",outcome="failed",error_code="E_ENGINE_UNKNOWN"}',
  ]);
});

test.run();

function listen(engines: readonly string[]) {
  const registry = new Registry();
  const { note } = new AttemptMetrics(registry, engines);
  return {
    note,
    start: (taskId: string, engine: string | null, waitedSec: number | undefined) =>
      note({ kind: 'started', taskId, fence: 1, trace: TRACE, lang: 'x', engine, attempt: 1, waitedSec }),
    end: (taskId: string, fate: Ended['fate'], more: Partial<Ended>) =>
      note({
        kind: 'ended',
        taskId,
        fence: 1,
        trace: TRACE,
        fate,
        seconds: 2,
        code: null,
        audioSec: null,
        details: {},
        ...more,
      }),
    values: async () => valuesOf(await registry.metrics()),
  };
}
