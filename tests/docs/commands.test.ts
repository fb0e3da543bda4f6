import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'uvu';
import { codeBlocks, inlineCode, listPages, ROOT_DIR, readFile } from './markdown.ts';

interface CommandText {
  readonly name: string;
}

const targets = [...readFile('Makefile').matchAll(/^([a-z-]+):.*## /gm)].map(([, name = '']) => name);
const commands = (
  JSON.parse(
    execFileSync(process.execPath, [path.join(ROOT_DIR, 'src/cli/main.ts'), 'help', '--json'], {
      encoding: 'utf8',
      env: {},
    }),
  ) as { commands: CommandText[] }
).commands;

test('each make target is named where operators, newcomers and developers look', () => {
  const read = new Set(
    ['README.md', 'CONTRIBUTING.md', 'docs/operations.md'].flatMap((name) =>
      commandsIn(readFile(name)).flatMap(makeTargets),
    ),
  );
  assert.ok(targets.includes('demo'));
  assert.deepEqual(
    targets.filter((target) => !read.has(target)),
    [],
  );
});

test('no page names a make target or a command that does not exist', () => {
  const known = new Set([...commands.map(({ name }) => name), 'help']);
  for (const page of listPages()) {
    for (const line of commandsIn(readFile(page))) {
      for (const target of makeTargets(line)) assert.ok(targets.includes(target), `${page}: ${line}`);
      for (const [, name = ''] of line.matchAll(
        /(?<![\w/@.=-])(?:bin\/)?autophon ([a-z][a-z-]*)(?![\w/.])/g,
      )) {
        assert.ok(known.has(name), `${page}: ${line}`);
      }
    }
  }
});

test.run();

/** Everything that a reader could type: in backticks, in blocks of shell commands, in lines that four blanks indent. */
function commandsIn(text: string): string[] {
  const setIn = [...text.matchAll(/^ {4}(?=\S)(.*)$/gm)].map(([, line = '']) => line);
  const blocks = [...codeBlocks(text, 'sh'), ...codeBlocks(text, 'console')].flatMap((block) =>
    block.split('\n'),
  );
  return [...inlineCode(text), ...setIn, ...blocks];
}

function makeTargets(line: string): string[] {
  return [...line.matchAll(/(?:^|\s)make ([a-z][a-z-]*)/g)].map(([, target = '']) => target);
}
