import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { createLog, type LogFields } from '../../src/base/log.ts';
import type { LogEvent } from '../../src/base/log-events.ts';

const FORGED = 'x\n2026-01-01T00:00:00Z ERROR forged\r\u2028\u202e\x1b[2J';

test('each event is one line, whatever its words, its fields and their names hold', async () => {
  const lines = await linesOf([
    ['language.fault', {}, FORGED],
    ['language.fault', { text: FORGED }],
    ['language.fault', { [FORGED]: 1 }],
    ['language.fault', { list: [FORGED], nested: { deep: FORGED } }],
    ['language.fault', { error: new Error(FORGED) }],
  ]);
  assert.equal(lines.length, 5);
  for (const line of lines) {
    assert.match(line, /^\S+ WARN {2}/);
    assert.doesNotMatch(line, /[\p{Cc}\u2028\u202e]/u);
  }
});

test('fields whose names the logging library uses itself are logged like all others', async () => {
  const [line] = await linesOf([
    ['language.fault', { message: 'a\nb', level: 'x', timestamp: 'y', stack: 'z' }],
  ]);
  assert.match(
    line ?? '',
    / WARN {2}language\.fault: a language folder has a fault message="a\\nb" level=x timestamp=y stack=z$/,
  );
});

test('the file is for the worker and its group', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-log-'));
  try {
    const log = createLog({ level: 'INFO', dir, console: false });
    log.info('worker.started');
    await log.close();
    assert.equal(statSync(path.join(dir, 'alignment_worker.log')).mode & 0o777, 0o640 & ~process.umask());
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test.run();

async function linesOf(events: readonly (readonly [LogEvent, LogFields, string?])[]): Promise<string[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-log-'));
  try {
    const log = createLog({ level: 'INFO', dir, console: false });
    for (const event of events) log.warn(...event);
    await log.close();
    return (await readFile(path.join(dir, 'alignment_worker.log'), 'utf8')).trimEnd().split('\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
