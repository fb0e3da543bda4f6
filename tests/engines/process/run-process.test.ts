import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import { isGuardComplete } from '../../../src/engines/process/guard.ts';
import { type ProcessRequest, runProcess } from '../../../src/engines/process/run-process.ts';
import { until, withEnoughTime } from '../../../testing/time-limits.ts';
import { findProcesses, isAlive } from '../../support/processes.ts';

const STAND_INS = path.resolve(import.meta.dirname, '../../fixtures/bin');
const ACTOR = path.join(STAND_INS, 'proc-actor.mjs');
const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-process-'));
const logPath = path.join(dir, 'log');
const SOON_MS = 10_000;
const FLOOD_BYTES = 8 * 1024 * 1024;

test.before.each(() => rmSync(logPath, { force: true }));
test.after(() => rmSync(dir, { recursive: true, force: true }));

test('an exit status is a value, with the last lines of standard error', async () => {
  const result = await runProcess(acting('out', 'said\n', 'err', 'complained\n', 'exit', '3'));
  assert.equal(result.exitCode, 3);
  assert.equal(result.signal, null);
  assert.deepEqual(result.lastLines, ['complained']);
  assert.match(
    readFileSync(logPath, 'utf8'),
    /^== .*started, process \d+: .*\nsaid\ncomplained\n== .* exit 3\n$/,
  );
});

test('standard output has the last lines when standard error is empty', async () => {
  assert.deepEqual((await runProcess(acting('out', 'one\ntwo'))).lastLines, ['one', 'two']);
});

test('only the last lines are kept, and of long ones the beginning', async () => {
  const { lastLines } = await runProcess(acting('lines', '50', 'x'.repeat(5000)));
  assert.equal(lastLines.length, 20);
  assert.ok(lastLines.every((line) => line.length < 500));
  assert.equal((await runProcess(acting('lines', '50', 'line'))).lastLines.at(-1), 'line 50');
});

test('the log of a task is for the worker and its group', async () => {
  await runProcess(acting('out', 'said'));
  assert.equal(statSync(logPath).mode & 0o777, 0o640 & ~process.umask());
});

for (const signal of ['SIGKILL', 'SIGSEGV'] as const) {
  test(`a process killed by ${signal} is reported with the name of the signal`, async () => {
    const result = await runProcess(acting('die', signal));
    assert.deepEqual([result.exitCode, result.signal], [null, signal]);
  });
}

test('a flood on both pipes is drained, and the log keeps its beginning, its end, and how much is left out', async () => {
  const result = await runProcess(acting('out', 'first\n', 'flood', String(FLOOD_BYTES), 'out', 'last\n'));
  assert.equal(result.exitCode, 0);
  const log = readFileSync(logPath, 'utf8');
  assert.ok(log.length < 2.2 * 1024 * 1024, `${log.length} bytes`);
  // The order in which two pipes are read is not defined.
  assert.match(log.slice(0, 200_000), /\nfirst\n/);
  const [gap = '', leftOutBytes] = /\n== (\d+) bytes left out here\n\.\.\./.exec(log) ?? [];
  const kept = log.replace(gap, '').replace(/^== .*\n/gm, '');
  assert.equal(kept.length + Number(leftOutBytes), 'first\n'.length + FLOOD_BYTES + 'last\n'.length);
  assert.match(log.slice(-200_000), /\nlast\n/);
});

test('no line of an engine can be taken for one of the worker', async () => {
  writeFileSync(logPath, '');
  const forged = '== 2026-01-01T00:00:00.000Z ended after 1.0 s: exit 0';
  await runProcess(acting('out', `${forged}\n======\na == b\r${forged}\nno end`));
  const lines = readFileSync(logPath, 'utf8').split(/[\n\r]/);
  const ours = lines.filter((line) => line.startsWith('=')).map((line) => line.split(' ')[2]);
  assert.deepEqual(ours, ['started,', 'ended']);
  assert.deepEqual(
    lines.filter((line) => line !== '' && !line.startsWith('=')),
    [` ${forged}`, ' ======', 'a == b', ` ${forged}`, 'no end'],
  );
});

test('a task of very many starts does not fill the disk with its log', async () => {
  writeFileSync(logPath, Buffer.alloc(33 * 1024 * 1024, '.'));
  await runProcess(acting('flood', '1000000'));
  assert.ok(readFileSync(logPath).length < 33.1 * 1024 * 1024);
});

test('a program is ended at its time limit', async () => {
  const message = await withEnoughTime(
    async (timeoutSec) => {
      const marker = randomUUID();
      const fault = await faultOf({ ...acting('out', 'thinking\n', 'hang', marker), timeoutSec });
      assert.deepEqual([fault?.code, findProcesses(marker)], ['E_ENGINE_TIMEOUT', []]);
      return fault?.message ?? '';
    },
    (said) => !said.includes('it had written nothing'),
  );
  assert.match(message, /within [\d.]+ s.*"thinking"/);
});

test('a program that prints nothing for too long counts as hung', async () => {
  const run = runProcess({ ...acting('hang'), silenceSec: 0.5 });
  await assert.rejects(run, { code: 'E_ENGINE_SILENT', message: /wrote nothing for 0.5 s/ });
});

test('a slow program that prints something now and then does not count as hung', async () => {
  const fault = await withEnoughTime(
    // In all it takes longer than it may be silent.
    (silenceSec) => faultOf({ ...acting('tick', '8', String(silenceSec * 200), 'still here'), silenceSec }),
    (found) => found === null,
    1,
  );
  assert.equal(fault, null);
});

test('an abort ends a program that ignores SIGTERM, and all that it has started, and gives its own reason', async () => {
  const marker = randomUUID();
  const reason = new Error('no longer wanted');
  const stop = new AbortController();
  const pids: number[] = [];
  const run = runProcess({
    ...acting('ignore-term', 'child', marker, 'out', 'ready\n', 'hang', marker),
    signal: stop.signal,
    onStart: (pid) => pids.push(pid),
    onLine: (line) => (line === 'ready' ? stop.abort(reason) : undefined),
  });
  await assert.rejects(run, (error) => error === reason);
  assert.deepEqual(findProcesses(marker), []);
  assert.deepEqual(pids.map(isAlive), [false]);
});

test('an abort before the start starts nothing', async () => {
  const reason = new Error('too late');
  const started: number[] = [];
  const run = runProcess({
    ...acting('hang'),
    signal: AbortSignal.abort(reason),
    onStart: (pid) => started.push(pid),
  });
  await assert.rejects(run, (error) => error === reason);
  assert.deepEqual(started, []);
  assert.equal(existsSync(logPath), false);
});

test('a child left behind with the pipes open neither delays the end nor outlives it', async () => {
  const marker = randomUUID();
  const result = await runProcess(acting('child', marker, 'out', 'done\n', 'exit', '0'));
  assert.equal(result.exitCode, 0);
  assert.deepEqual(result.lastLines, ['done']);
  assert.deepEqual(findProcesses(marker), []);
});

if (await isGuardComplete()) {
  test('a child that has left the process group does not outlive the run either', async () => {
    const marker = randomUUID();
    await runProcess(acting('daemon', marker, 'exit', '0'));
    assert.deepEqual(findProcesses(marker), []);
  });

  test('nothing outlives a worker that is killed by SIGKILL', async () => {
    const marker = randomUUID();
    const worker = spawn(process.execPath, [path.join(STAND_INS, 'proc-parent.mjs'), marker, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(worker.stdout, 'data');
    await until('engine, child and daemon to run', () => findProcesses(marker).length >= 4, SOON_MS);
    worker.kill('SIGKILL');
    await until('all of them to end', () => findProcesses(marker).length === 0, SOON_MS);
  });
}

for (const [name, command, found] of [
  ['is not on PATH', 'no-such-aligner', /no-such-aligner: .*not found on PATH; run "make doctor"/],
  ['is not there', '/no/such/aligner', /no such executable file; run "make doctor"/],
  ['is not executable', '/etc/passwd', /no such executable file/],
] as const) {
  test(`a program that ${name} is a missing engine`, async () => {
    const run = runProcess({ ...acting(), argv: [command] });
    await assert.rejects(run, { code: 'E_ENGINE_MISSING', message: found });
  });
}

test('a script whose interpreter is missing is a missing engine', async () => {
  const script = path.join(dir, 'aligner');
  writeFileSync(script, '#!/no/such/python\n', { mode: 0o755 });
  const run = runProcess({ ...acting(), argv: [script] });
  await assert.rejects(run, { code: 'E_ENGINE_MISSING', message: /aligner/ });
});

test('the environment is the given one and nothing else', async () => {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' };
  const { lastLines } = await runProcess({ ...acting('env'), env });
  assert.deepEqual(JSON.parse(lastLines[0] ?? ''), env);
});

test('standard input is at its end', async () => {
  assert.deepEqual((await runProcess(acting('read'))).lastLines, ['read 0 bytes']);
});

test('arguments reach the program as they are', async () => {
  const text = '$(touch pwned) `id` "quoted" \'single\' ; | & * \\ ~';
  assert.deepEqual((await runProcess(acting('out', text))).lastLines, [text]);
  assert.equal(existsSync(path.join(dir, 'pwned')), false);
});

test('lines end at line feeds and carriage returns, and may lack an end', async () => {
  const lines: string[] = [];
  const onLine = (line: string, stream: string) => lines.push(`${stream}: ${line}`);
  await runProcess({ ...acting('out', '10 %\r20 %\rdone\r\néta', 'out', 'ge'), onLine });
  assert.deepEqual(lines, ['stdout: 10 %', 'stdout: 20 %', 'stdout: done', 'stdout: étage']);
});

test('a fault in reading the lines ends the program, not the worker', async () => {
  const fault = new Error('cannot read this');
  const onLine = () => {
    throw fault;
  };
  await assert.rejects(runProcess({ ...acting('out', 'x\n', 'hang'), onLine }), (error) => error === fault);
});

test.run();

async function faultOf(request: ProcessRequest): Promise<TaskError | null> {
  try {
    await runProcess(request);
    return null;
  } catch (error) {
    assert.ok(error instanceof TaskError);
    return error;
  }
}

function acting(...actions: string[]): ProcessRequest {
  return {
    argv: [process.execPath, ACTOR, ...actions],
    cwd: dir,
    env: {},
    logPath,
    timeoutSec: 600,
    silenceSec: 600,
    signal: new AbortController().signal,
  };
}
