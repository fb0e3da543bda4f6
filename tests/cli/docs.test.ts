import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { runJson } from './run-cli.ts';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/cli.md'), 'utf8');

interface Help {
  readonly commands: readonly {
    name: string;
    summary: string;
    usage: string;
  }[];
}

test('docs/cli.md has every command with its summary and usage, and no other', async () => {
  const { document } = await runJson<Help>(['help']);
  const sections = new Map(PAGE.split(/^## /m).map((section) => [section.split('\n')[0] ?? '', section]));
  for (const { name, summary, usage } of document.commands) {
    const section = sections.get(name);
    assert.ok(section !== undefined, `a section "## ${name}"`);
    assert.ok(PAGE.includes(`| [\`${name}\`](#${name}) | ${summary} |`), `${name}: ${summary}`);
    assert.ok(section.includes(`autophon ${[name, usage].join(' ').trimEnd()}`), `${name} ${usage}`);
  }
  const rows = PAGE.match(/^\| \[`/gm) ?? [];
  assert.equal(rows.length, document.commands.length);
});

test.run();
