import assert from 'node:assert/strict';
import { test } from 'uvu';
import { submitCommand } from '../../src/cli/commands/submit.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { formatCommandHelp, formatOverview } from '../../src/cli/help.ts';
import { Output } from '../../src/cli/output.ts';
import { displayWidth } from '../../src/cli/terminal-text.ts';

function outputOf(columns: number): Output {
  const stream = { isTTY: true, columns, hasColors: () => false, on: () => stream, write: () => true };
  const stdout = stream as unknown as NodeJS.WriteStream;
  return new Output({ json: false, stdout, stderr: stdout });
}

test('help keeps to the width of the terminal, and says the same at every width', () => {
  const words = (columns: number) => {
    const output = outputOf(columns);
    const [usage = '', ...lines] = formatCommandHelp(submitCommand, output);
    const all = [...formatOverview(COMMANDS, output), ...lines];
    // Examples are there to be copied: they are never broken.
    for (const line of all.filter((one) => !one.startsWith('  autophon')))
      assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
    return [usage, ...all].join(' ').split(/\s+/);
  };
  const wide = words(200);
  for (const columns of [60, 80, 100]) assert.deepEqual(words(columns), wide);
});

test.run();
