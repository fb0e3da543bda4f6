import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { createLog } from '../../src/base/create-log.ts';
import type { LogFormat } from '../../src/base/log.ts';
import type { LogEvent } from '../../src/base/log-events.ts';
import { journalLine, jsonJournalLine, type LogFields, terminalLine } from '../../src/base/log-lines.ts';

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
    const log = createLog({ level: 'INFO', format: 'text', dir, console: null });
    log.info('worker.started');
    await log.close();
    assert.equal(statSync(path.join(dir, 'alignment_worker.log')).mode & 0o777, 0o640 & ~process.umask());
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test('what is said after the end of the log is left out, and ends no process', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-log-'));
  try {
    const log = createLog({ level: 'INFO', format: 'text', dir, console: null });
    log.info('worker.started');
    await log.close();
    log.info('worker.stopped');
    log.with({ instance: 'a' }).info('worker.stopped');
    assert.match(await readFile(path.join(dir, 'alignment_worker.log'), 'utf8'), /^.*worker\.started.*\n$/);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test('a text with signs that the logging library gives a meaning keeps them, and loses no field', async () => {
  const [line = ''] = await linesOf([['language.fault', { a: 1 }, '50 %s of %d, %o']]);
  assert.match(line, / language\.fault: 50 %s of %d, %o a=1$/);
});

test('as JSON each event is one object a line, with the values that the fields have, whatever is in them', async () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const fields = {
    text: FORGED,
    level: 'x',
    list: [FORGED, 2],
    error: new Error(FORGED),
    gone: undefined,
    circle,
    big: 1n,
  };
  const lines = await linesOf([['language.fault', fields, FORGED]], 'json');
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines[0] ?? '', /[\p{Cc}\u2028\u202e]/u);
  const { time, ...line } = JSON.parse(lines[0] ?? '');
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(line, {
    level: 'warn',
    event: 'language.fault',
    text: FORGED,
    text_: FORGED,
    level_: 'x',
    list: [FORGED, 2],
    error: FORGED,
    circle: '[object Object]',
    big: 1,
  });
});

test('a value that is too long is cut in JSON, too, and the line stays JSON', async () => {
  const [line = ''] = await linesOf(
    [['language.fault', { list: Array(50_000).fill(1), text: 'x'.repeat(50_000) }]],
    'json',
  );
  assert.ok(line.length < 25_000);
  assert.match(JSON.parse(line).list, /^\[1,1.*\.\.\. \(\d+ more characters\)$/);
});

test('for the journal a line has its priority in place of time and level', () => {
  const logged = { level: 'warn', event: 'language.fault', text: 'no', fields: { a: 1, b: FORGED } } as const;
  assert.match(journalLine(logged), /^<4>language\.fault: no a=1 b="x\\n2026\S* ERROR forged[^\n]*$/);
  assert.match(
    jsonJournalLine(logged),
    /^<4>\{"time":.*"level":"warn","event":"language\.fault","text":"no","a":1,/,
  );
  assert.match(
    terminalLine(logged).replaceAll('\x1b', 'ESC'),
    /^ESC\[2m\d\d:\d\d:\d\dESC\[0m ESC\[33mWARN ESC\[0m language\.fault: no a=1 b="x\\n/,
  );
});

test.run();

async function linesOf(
  events: readonly (readonly [LogEvent, LogFields, string?])[],
  format: LogFormat = 'text',
): Promise<string[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-log-'));
  try {
    const log = createLog({ level: 'INFO', format, dir, console: null });
    for (const event of events) log.warn(...event);
    await log.close();
    return (await readFile(path.join(dir, 'alignment_worker.log'), 'utf8')).trimEnd().split('\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
