import assert from 'node:assert/strict';
import { test } from 'uvu';
import { submitCommand } from '../../src/cli/commands/submit.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { formatCommandHelp, formatOverview } from '../../src/cli/help.ts';
import { Output } from '../../src/cli/output.ts';
import { displayWidth } from '../../src/cli/terminal-text.ts';

/** The paths of folders are longer than those in the documentation. */
const PROGRAM = "'/srv/our $ things/bin/autophon'";
const hints = (text: string) => text.replace(/(?<="|^ {2})autophon(?= [a-z])/g, () => PROGRAM);

function outputOf(columns: number): Output {
  const stream = { isTTY: true, columns, hasColors: () => false, on: () => stream, write: () => true };
  const stdout = stream as unknown as NodeJS.WriteStream;
  return new Output({ json: false, hints, stdout, stderr: stdout });
}

const commands = await Promise.all(COMMANDS.map((entry) => entry.load()));

test('help fits the width of the terminal, shows commands as they are called there, and says the same at every width', () => {
  const words = (columns: number) => {
    const output = outputOf(columns);
    const all = [
      ...formatOverview(COMMANDS, output),
      ...commands.flatMap((command) => formatCommandHelp(command, output)),
    ];
    for (const line of all) {
      assert.equal(hints(line), line);
      assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
    }
    return all.join(' ').split(/[\s\\]+/);
  };
  const wide = words(200);
  for (const columns of [60, 80, 100]) assert.deepEqual(words(columns), wide);
});

test('an example that is too long continues on the next line, as shells allow', () => {
  const help = formatCommandHelp(submitCommand, outputOf(80)).join('\n');
  assert.ok(
    help.includes(
      `  ${PROGRAM} submit day1.wav day2.wav \\\n    --lang fraFR_SPHINX_v010 --user-dict names.dict`,
    ),
    help,
  );
});

test.run();
