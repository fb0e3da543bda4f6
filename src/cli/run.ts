import { TaskError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { programVersion } from '../base/version.ts';
import type { Environment } from '../environment.ts';
import { COMMON_OPTIONS, parseArguments } from './args.ts';
import type { CommandContext, ExitCode } from './command.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import { reportFailure } from './failure.ts';
import { describeCommand, formatCommandHelp, formatOverview } from './help.ts';
import type { Output } from './output.ts';
import { programOutput, type Surroundings, surroundings } from './program-output.ts';

const GLOBAL_OPTIONS = {
  ...COMMON_OPTIONS,
  version: { type: 'boolean', short: 'V', help: 'show the version' },
} as const;

/**
 * Runs one command line, and reports what it throws.
 * @param argv - without node and the script
 * @param homeDir - folder of the project
 * @param around - in place of the environment and the streams of this process
 */
export async function runCommandLine(
  argv: readonly string[],
  homeDir: string,
  around: Surroundings = surroundings,
): Promise<ExitCode> {
  // Decided before parsing, so that errors of parsing are printed as JSON, too.
  const output = programOutput(homeDir, { json: beforeTerminator(argv).includes('--json') }, around);
  const { environment } = around;
  try {
    return await dispatch(argv, { output, homeDir, environment });
  } catch (thrown) {
    return reportFailure(thrown, output, await isDebug(homeDir, environment));
  }
}

/** The first word is the command, wherever it stands; everything else is its arguments. */
async function dispatch(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const index = argv.findIndex((word) => !word.startsWith('-'));
  const word = argv[index];
  const rest = argv.filter((_, place) => place !== index);
  if (word === undefined || word === 'help') return runWithoutCommand(word === 'help', rest, output);
  const entry = findCommand(word);
  if (asksFor(rest, '--help', '-h')) return printCommandHelp(entry, output);
  const command = await entry.load();
  return command.run(rest, context);
}

/** `autophon`, `autophon --version`, `autophon help [COMMAND]`. */
async function runWithoutCommand(
  isHelp: boolean,
  argv: readonly string[],
  output: Output,
): Promise<ExitCode> {
  const { values, positionals } = parseArguments('', argv, GLOBAL_OPTIONS);
  const [topic, extra] = positionals;
  if (extra !== undefined) {
    throw new TaskError(
      'E_USAGE',
      `${JSON.stringify(extra)}: expected one command to explain, found ${positionals.length} words. ` +
        `Try "autophon help ${topic}".`,
    );
  }
  if (topic !== undefined && topic !== 'help') return printCommandHelp(findCommand(topic), output);
  if (values.version) return printVersion(output);
  output.lines(formatOverview(COMMANDS, output));
  if (output.isJson)
    output.json({
      commands: await Promise.all(COMMANDS.map(async (entry) => describeCommand(entry, await entry.load()))),
    });
  // A script that leaves out the command by mistake must not end with success.
  return isHelp || values.help ? 0 : 2;
}

function findCommand(word: string): CommandEntry {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return command;
  const meant = nearest(word, [...COMMANDS.map(({ name }) => name), 'help']);
  const hint = meant === null ? '' : ` Did you mean "${meant}"?`;
  throw new TaskError(
    'E_USAGE',
    `no command ${JSON.stringify(word)}.${hint} "autophon help" lists all commands.`,
  );
}

async function printCommandHelp(entry: CommandEntry, output: Output): Promise<ExitCode> {
  const command = await entry.load();
  output.lines(formatCommandHelp(command, output));
  output.json(describeCommand(entry, command));
  return 0;
}

function printVersion(output: Output): ExitCode {
  output.line(`autophon ${programVersion()} (Node ${process.versions.node})`);
  output.json({ name: 'autophon', version: programVersion(), node: process.versions.node });
  return 0;
}

function asksFor(argv: readonly string[], ...options: readonly string[]): boolean {
  return beforeTerminator(argv).some((word) => options.includes(word));
}

function beforeTerminator(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}

/** Whether to print stacks. Not if the settings cannot be read. */
async function isDebug(homeDir: string, environment: Environment): Promise<boolean> {
  try {
    const { loadConfig } = await import('../config.ts');
    return loadConfig(homeDir, environment).logLevel === 'DEBUG';
  } catch {
    return false;
  }
}
