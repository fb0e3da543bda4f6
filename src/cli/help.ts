import { programVersion } from '../base/version.ts';
import type { Options } from './args.ts';
import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { pad } from './terminal-text.ts';

const EXIT_CODES = [
  ['0', 'all is well'],
  ['1', 'something here failed, or the task did'],
  ['2', 'what was asked for cannot be done: a typing error, a setting, input that is not right'],
] as const;

/** What `autophon` alone and `autophon help` print. */
export function formatOverview(commands: readonly Command[], output: Output): string[] {
  return [
    `autophon ${programVersion()}: forced alignment of recordings, as tasks in a Postgres queue`,
    '',
    `${output.paint('Usage:', 'bold')} autophon COMMAND [options]`,
    '',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'All commands take --json (one JSON document, for programs) and --help.',
    'Settings come from the environment and .env; "autophon doctor" shows them.',
    '',
    output.paint('Exit codes:', 'bold'),
    ...columns(EXIT_CODES),
  ];
}

/** What `autophon COMMAND --help` prints. */
export function formatCommandHelp(command: Command, output: Output): string[] {
  const heading = (text: string) => output.paint(text, 'bold');
  return [
    `${heading('Usage:')} autophon ${[command.name, command.usage].join(' ').trimEnd()} [options]`,
    '',
    ...command.details,
    '',
    heading('Options:'),
    ...columns(optionRows(command.options)),
    '',
    heading(command.examples.length === 1 ? 'Example:' : 'Examples:'),
    ...command.examples.map((example) => `  ${example}`),
  ];
}

export function describeCommand({ name, summary, usage, details, options, examples }: Command) {
  return { name, summary, usage, details: details.join('\n'), options, examples };
}

function optionRows(options: Options): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { short, type, value = 'VALUE', help }]) => {
    const both = short === undefined ? `--${name}` : `-${short}, --${name}`;
    return [type === 'string' ? `${both} ${value}` : both, help];
  });
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${pad(left, width)}  ${right}`);
}
