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
  // A section may be about several commands: "pause, resume, drain".
  const sections = new Map(
    PAGE.split(/^## /m).flatMap((text) => {
      const [title = ''] = text.split('\n');
      const anchor = title.replaceAll(', ', '-');
      return title.split(', ').map((name) => [name, { text, anchor }] as const);
    }),
  );
  for (const { name, summary, usage } of document.commands) {
    const section = sections.get(name);
    assert.ok(section !== undefined, `a section "## ${name}"`);
    assert.ok(PAGE.includes(`| [\`${name}\`](#${section.anchor}) | ${summary} |`), `${name}: ${summary}`);
    const line = `autophon ${[name, usage].join(' ').trimEnd()}`;
    assert.ok(section.text.includes(line), line);
  }
  const rows = PAGE.match(/^\| \[`/gm) ?? [];
  assert.equal(rows.length, document.commands.length);
});

test.run();
