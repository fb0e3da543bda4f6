import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import type { Log } from '../../src/base/log.ts';
import { ServiceManager, type ServiceState } from '../../src/host/service-manager.ts';
import { until } from '../../testing/time-limits.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-service-'));
const SOCKET = path.join(dir, 'notify');
const WATCHDOG = { WATCHDOG_USEC: '60000', WATCHDOG_PID: String(process.pid) };
let count = 0;

test.after(() => rmSync(dir, { recursive: true, force: true }));

test('nothing is started if no service manager listens', async () => {
  const { program, told } = recorder();
  await using service = manager(program, {}, () => ({ status: 'idle', isAlive: true }));
  await service.ready();
  await service.stopping();
  assert.deepEqual(told(), []);
});

test('it is told that the worker is ready, what it does, and that it stops', async () => {
  const { program, told } = recorder();
  let status = '0 of 2 slots busy';
  await using service = manager(program, { NOTIFY_SOCKET: SOCKET }, () => ({ status, isAlive: true }));
  await service.ready();
  status = '1 of 2 slots busy; done: $(true) "a"';
  await service.stopping();
  assert.deepEqual(told(), [
    `${SOCKET} READY=1 MAINPID=${process.pid} STATUS=0 of 2 slots busy`,
    `${SOCKET} STOPPING=1 STATUS=1 of 2 slots busy; done: $(true) "a"`,
  ]);
});

test('signs of life are sent while it is alive, and not after', async () => {
  const { program, told } = recorder();
  let [isAlive, asked] = [true, 0];
  const describe = () => {
    asked += 1;
    return { status: 'busy', isAlive };
  };
  await using service = manager(program, { NOTIFY_SOCKET: SOCKET, ...WATCHDOG }, describe);
  await service.ready();
  await until(
    'two signs of life',
    () => told().filter((line) => line === `${SOCKET} WATCHDOG=1`).length >= 2,
  );
  isAlive = false;
  const before = asked;
  await until('two questions without a sign', () => asked >= before + 2);
  await service[Symbol.asyncDispose]();
  const sent = told().length;
  assert.ok(sent <= before, `${sent} words for ${before} times that it was alive`);
});

test('a watchdog that is meant for another process gets no signs of life', async () => {
  const { program, told } = recorder();
  const environment = { NOTIFY_SOCKET: SOCKET, ...WATCHDOG, WATCHDOG_PID: '1' };
  await using service = manager(program, environment, () => ({ status: 'idle', isAlive: true }));
  await service.ready();
  assert.doesNotMatch(told().join('\n'), /WATCHDOG/);
});

test('a service manager that cannot be told is named once in the log, and the worker goes on', async () => {
  const warnings: string[] = [];
  const log = { warn: (event: string) => warnings.push(event) } as unknown as Log;
  const describe = () => ({ status: 'idle', isAlive: true });
  const environment = { NOTIFY_SOCKET: SOCKET };
  await using service = new ServiceManager({ program: path.join(dir, 'absent'), environment, log, describe });
  await service.ready();
  await service.stopping();
  assert.deepEqual(warnings, ['service.not_told']);
});

const canReceive = existsSync('/usr/bin/systemd-notify') && spawnSync('python3', ['--version']).status === 0;

(canReceive ? test : test.skip)('the words reach a socket such as that of systemd', async () => {
  const receiver = spawn('python3', ['-u', '-c', RECEIVER, SOCKET], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
  try {
    assert.equal((await lines.next()).value, 'listening');
    const environment = { NOTIFY_SOCKET: SOCKET, PATH: process.env['PATH'] };
    await using service = manager(undefined, environment, () => ({ status: 'idle', isAlive: true }));
    await service.ready();
    const { value } = await lines.next();
    assert.match(String(value), /READY=1.*STATUS=idle/);
  } finally {
    receiver.kill();
    await once(receiver, 'close');
  }
});

test.run();

/** Prints each message that comes, on one line. */
const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("listening")
while True:
    print(receiver.recv(4096).decode().replace("\\n", " "))
`;

/** A program that writes down its notification socket and arguments. */
function recorder(): { program: string; told: () => string[] } {
  count += 1;
  const file = path.join(dir, `told-${count}`);
  const program = path.join(dir, `notify-${count}`);
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$NOTIFY_SOCKET $*" >> '${file}'\n`, { mode: 0o755 });
  return {
    program,
    told: () => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []),
  };
}

function manager(
  program: string | undefined,
  environment: Record<string, string | undefined>,
  describe: () => ServiceState,
): ServiceManager {
  const log = { warn: (...words: unknown[]) => assert.fail(words.join(' ')) } as unknown as Log;
  return new ServiceManager({ environment, log, describe, ...(program === undefined ? {} : { program }) });
}
