import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { LOG_EVENTS } from '../../src/base/log-events.ts';

const read = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../..', name), 'utf8');

test('docs/log-events.md lists each event with its words', () => {
  const listed = read('docs/log-events.md').match(/^\| `.*$/gm);
  assert.deepEqual(
    listed,
    Object.entries(LOG_EVENTS).map(([name, words]) => `| \`${name}\` | ${words} |`),
  );
});

test('names of events are identifiers: a subject, a dot, and what happened', () => {
  for (const name of Object.keys(LOG_EVENTS)) assert.match(name, /^[a-z_]+\.[a-z_]+$/);
});

test.run();
