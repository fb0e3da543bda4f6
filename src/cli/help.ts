import { programVersion } from '../base/version.ts';
import type { Options } from './args.ts';
import type { Command } from './command.ts';
import type { CommandEntry } from './commands.ts';
import type { Output } from './output.ts';
import { displayWidth, pad, wrap } from './terminal-text.ts';

const GAP = '  ';
const MIN_TEXT_WIDTH = 30;
const EXIT_CODES = [
  ['0', 'all is well'],
  ['1', 'something here failed, or the task did'],
  ['2', 'what was asked for cannot be done: a typing error, a setting, input that is not right'],
] as const;

/** What `autophon` alone and `autophon help` print. */
export function formatOverview(commands: readonly CommandEntry[], output: Output): string[] {
  return [
    ...wrap(
      `autophon ${programVersion()}: forced alignment of recordings, as tasks in a Postgres queue`,
      output.columns,
    ),
    '',
    `${output.paint('Usage:', 'bold')} autophon COMMAND [options]`,
    '',
    ...columns(
      commands.map(({ name, summary }) => [name, summary]),
      output,
    ),
    '',
    ...wrap('All commands take --json (one JSON document, for programs) and --help.', output.columns),
    ...wrap('Settings come from the environment and .env; "autophon doctor" shows them.', output.columns),
    '',
    output.paint('Exit codes:', 'bold'),
    ...columns(EXIT_CODES, output),
  ];
}

/** What `autophon COMMAND --help` prints. */
export function formatCommandHelp(command: Command, output: Output): string[] {
  const heading = (text: string) => output.paint(text, 'bold');
  return [
    `${heading('Usage:')} autophon ${[command.name, command.usage].join(' ').trimEnd()} [options]`,
    '',
    ...wrap(command.details.join(' '), output.columns),
    '',
    heading('Options:'),
    ...columns(optionRows(command.options), output),
    '',
    heading(command.examples.length === 1 ? 'Example:' : 'Examples:'),
    ...command.examples.map((example) => `  ${example}`),
  ];
}

export function describeCommand(
  { name, summary }: CommandEntry,
  { usage, details, options, examples }: Command,
) {
  return { name, summary, usage, details: details.join('\n'), options, examples };
}

function optionRows(options: Options): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { short, type, value = 'VALUE', help }]) => {
    const both = short === undefined ? `--${name}` : `-${short}, --${name}`;
    return [type === 'string' ? `${both} ${value}` : both, help];
  });
}

/** Where there is too little room beside the names, what is said of them goes below. */
function columns(rows: readonly (readonly [string, string])[], output: Output): string[] {
  const width = Math.max(...rows.map(([left]) => displayWidth(left)));
  const room = output.columns - width - 2 * GAP.length;
  if (room >= MIN_TEXT_WIDTH) {
    return rows.flatMap(([left, right]) =>
      wrap(right, room).map((line, n) => [GAP, pad(n === 0 ? left : '', width), GAP, line].join('')),
    );
  }
  const below = GAP.repeat(3);
  return rows.flatMap(([left, right]) => [
    GAP + left,
    ...wrap(right, output.columns - below.length).map((line) => below + line),
  ]);
}
