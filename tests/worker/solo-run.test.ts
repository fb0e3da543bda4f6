import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import type { Log } from '../../src/base/log.ts';
import type { LogFields } from '../../src/base/log-lines.ts';
import { runAlone } from '../../src/worker/solo-run.ts';
import { until } from '../../testing/time-limits.ts';

const test = suite('a worker process for one task');

/** For a child that nothing ends: long compared with the tests, short for tests that fail. */
const CHILD_SEC = '20';

interface Said {
  readonly event: string;
  readonly fields: LogFields;
}

test('is waited for, and its end is reported', async () => {
  for (const [program, status, fault] of [
    ['process.exit(0)', 0, null],
    ['process.exit(7)', 7, 'it ended with status 7'],
    ["process.kill(process.pid, 'SIGKILL')", 'SIGKILL', 'it was ended by SIGKILL'],
  ] as const) {
    const { log, said } = recordingLog();
    const found = await runAlone('t1', {
      ...neverStopped(),
      command: () => [process.execPath, '-e', program],
      log,
    });
    assert.deepEqual(said.at(-1), {
      event: 'solo.ended',
      fields: { taskId: 't1', status },
    });
    assert.equal(found, fault);
  }
});

test('is told to stop with the worker, and is in a process group of its own', async () => {
  const stop = new AbortController();
  const { log, said } = recordingLog();
  const running = runAlone('t1', {
    ...neverStopped(),
    command: () => ['sleep', CHILD_SEC],
    stop: stop.signal,
    log,
  });
  const pid = Number(said[0]?.fields['pid']);
  assert.equal(await groupOf(pid), pid);
  stop.abort();
  await running;
  assert.equal(said.at(-1)?.fields['status'], 'SIGTERM');
});

test('is killed when it has not stopped in time', async () => {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const { log, said } = recordingLog();
  const running = runAlone('t1', {
    command: () => ['env', '--ignore-signal=TERM', 'sleep', CHILD_SEC],
    stop: stop.signal,
    kill: kill.signal,
    log,
  });
  const pid = Number(said[0]?.fields['pid']);
  while (!(await readFile(`/proc/${pid}/comm`, 'utf8')).startsWith('sleep'));
  stop.abort();
  kill.abort();
  await running;
  assert.equal(said.at(-1)?.fields['status'], 'SIGKILL');
});

test('is told to stop when its worker ends at once', async () => {
  const program = `
    const { runAlone } = await import(${JSON.stringify(path.resolve('src/worker/solo-run.ts'))});
    const log = { info: (_, { pid }) => { console.log(pid); setTimeout(() => process.exit(1), 100); } };
    await runAlone('t1', { command: () => ['sleep', '300'], stop: new AbortController().signal, kill: new AbortController().signal, log });`;
  const worker = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: worker.stdout }), 'line')) as [string];
  await once(worker, 'exit');
  try {
    await until('the process of the task to end', async () => !(await isRunning(Number(line))));
  } finally {
    if (await isRunning(Number(line))) process.kill(Number(line));
  }
});

test('that cannot be started is reported as such, and uses no attempt', async () => {
  const { log, said } = recordingLog();
  const found = await runAlone('t1', { ...neverStopped(), command: () => ['/no/such/program'], log });
  assert.match(found ?? '', /^it could not be started: .*ENOENT/);
  assert.equal(said.at(-1)?.event, 'solo.not_started');
});

test.run();

function neverStopped() {
  return { stop: new AbortController().signal, kill: new AbortController().signal };
}

function recordingLog(): { log: Log; said: Said[] } {
  const said: Said[] = [];
  const say = (event: string, fields: LogFields = {}) => void said.push({ event, fields });
  const log: Log = { debug: say, info: say, warn: say, error: say, with: () => log };
  return { log, said };
}

async function groupOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

/** A zombie, which has ended but whose parent has not read its exit status, does not run. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !stat.includes(') Z ');
}
