import { programVersion } from '../base/version.ts';
import type { Options } from './args.ts';
import type { Command } from './command.ts';
import type { CommandEntry } from './commands.ts';
import type { Output } from './output.ts';
import { displayWidth, pad } from './terminal-text.ts';

const GAP = '  ';
const MIN_TEXT_WIDTH = 30;
/** Where a line of an example may end: not in the path of the program, which may be quoted, and not after an option. */
const BETWEEN_WORDS = /(?<! --?[a-z-]+) (?=[^']*$)/;
/** Ends a line that continues on the next one. */
const NEXT_LINE = ' \\';
const EXIT_CODES = [
  ['0', 'success'],
  ['1', 'the program or the task failed'],
  ['2', 'the request is wrong: a typing error, a setting, invalid input'],
] as const;

/** What `autophon` alone and `autophon help` print. */
export function formatOverview(commands: readonly CommandEntry[], output: Output): string[] {
  return [
    ...output.wrap(
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
    ...output.wrap('All commands take --json (one JSON document, for programs) and --help.', output.columns),
    ...output.wrap(
      'Settings come from the environment and .env; "autophon doctor" shows them.',
      output.columns,
    ),
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
    ...output.wrap(command.details.join(' '), output.columns),
    '',
    heading('Options:'),
    ...columns(optionRows(command.options), output),
    '',
    heading(command.examples.length === 1 ? 'Example:' : 'Examples:'),
    ...command.examples.flatMap((example) => exampleLines(example, output)),
  ];
}

/** For copying: a line that is too long continues on the next one, in the syntax of a shell. */
function exampleLines(example: string, output: Output): string[] {
  const lines = output.wrap(
    `${GAP}${example}`,
    output.columns - NEXT_LINE.length - GAP.length,
    BETWEEN_WORDS,
  );
  return lines.map(
    (line, n) =>
      `${n === 0 ? GAP : GAP.repeat(2)}${line.trimStart()}${n < lines.length - 1 ? NEXT_LINE : ''}`,
  );
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

/** If there is too little space beside the names, the texts go below them. */
function columns(rows: readonly (readonly [string, string])[], output: Output): string[] {
  const width = Math.max(...rows.map(([left]) => displayWidth(left)));
  const room = output.columns - width - 2 * GAP.length;
  if (room >= MIN_TEXT_WIDTH) {
    return rows.flatMap(([left, right]) =>
      output.wrap(right, room).map((line, n) => [GAP, pad(n === 0 ? left : '', width), GAP, line].join('')),
    );
  }
  const below = GAP.repeat(3);
  return rows.flatMap(([left, right]) => [
    GAP + left,
    ...output.wrap(right, output.columns - below.length).map((line) => below + line),
  ]);
}
