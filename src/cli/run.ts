import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { programVersion } from '../base/version.ts';
import { isOnPath, loadConfig } from '../config.ts';
import { COMMON_OPTIONS, parseArguments } from './args.ts';
import type { Command, CommandContext, ExitCode } from './command.ts';
import { cancelCommand } from './commands/cancel.ts';
import { cleanCommand } from './commands/clean.ts';
import { dbCommand } from './commands/db.ts';
import { doctorCommand } from './commands/doctor.ts';
import { listCommand } from './commands/list.ts';
import { migrateCommand } from './commands/migrate.ts';
import { phonesCommand } from './commands/phones.ts';
import { processCommand } from './commands/process.ts';
import { retryCommand } from './commands/retry.ts';
import { showCommand } from './commands/show.ts';
import { siteCommand } from './commands/site.ts';
import { statusCommand } from './commands/status.ts';
import { submitCommand } from './commands/submit.ts';
import { workerCommand } from './commands/worker.ts';
import { reportFailure } from './failure.ts';
import { describeCommand, formatCommandHelp, formatOverview } from './help.ts';
import { hintsAt } from './hints.ts';
import { Output } from './output.ts';

const GLOBAL_OPTIONS = {
  ...COMMON_OPTIONS,
  version: { type: 'boolean', short: 'V', help: 'show the version' },
} as const;

const COMMANDS: readonly Command[] = [
  submitCommand,
  statusCommand,
  listCommand,
  showCommand,
  retryCommand,
  cancelCommand,
  cleanCommand,
  processCommand,
  workerCommand,
  phonesCommand,
  siteCommand,
  doctorCommand,
  migrateCommand,
  dbCommand,
];

/**
 * Runs one command line: finds the command, lets it print, and reports what it throws.
 * @param argv - without node and the script
 * @param homeDir - folder of the project
 */
export async function runCommandLine(argv: readonly string[], homeDir: string): Promise<ExitCode> {
  // Known before anything is parsed, so that errors of parsing come as JSON too.
  const place = {
    homeDir,
    currentDir: process.cwd(),
    isLinked: isOnPath(path.join(homeDir, 'bin/autophon')),
  };
  const names = [...COMMANDS.map(({ name }) => name), 'help'];
  const output = new Output({
    json: beforeTerminator(argv).includes('--json'),
    hints: hintsAt(place, names),
  });
  try {
    return await dispatch(argv, { output, homeDir });
  } catch (thrown) {
    return reportFailure(thrown, output, isDebug(homeDir));
  }
}

/** The first word is the command, wherever it stands; everything else is its arguments. */
async function dispatch(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const index = argv.findIndex((word) => !word.startsWith('-'));
  const word = argv[index];
  const rest = argv.filter((_, place) => place !== index);
  if (word === undefined || word === 'help') return runWithoutCommand(word === 'help', rest, output);
  const command = findCommand(word);
  if (asksFor(rest, '--help', '-h')) return printCommandHelp(command, output);
  return command.run(rest, context);
}

/** `autophon`, `autophon --version`, `autophon help [COMMAND]`. */
function runWithoutCommand(isHelp: boolean, argv: readonly string[], output: Output): ExitCode {
  const { values, positionals } = parseArguments('', argv, GLOBAL_OPTIONS);
  const [topic] = positionals;
  if (topic !== undefined) return printCommandHelp(findCommand(topic), output);
  if (values.version) return printVersion(output);
  output.lines(formatOverview(COMMANDS, output));
  output.json({ commands: COMMANDS.map(describeCommand) });
  // A script whose command came out empty must not pass for a success.
  return isHelp || values.help ? 0 : 2;
}

function findCommand(word: string): Command {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return command;
  const meant = nearest(word, [...COMMANDS.map(({ name }) => name), 'help']);
  const hint = meant === null ? '' : ` Did you mean "${meant}"?`;
  throw new TaskError(
    'E_USAGE',
    `no command ${JSON.stringify(word)}.${hint} "autophon help" lists all commands.`,
  );
}

function printCommandHelp(command: Command, output: Output): ExitCode {
  output.lines(formatCommandHelp(command, output));
  output.json(describeCommand(command));
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

/** Whether stacks are wanted. With settings that cannot be read, nobody asked for them. */
function isDebug(homeDir: string): boolean {
  try {
    return loadConfig(homeDir).logLevel === 'DEBUG';
  } catch {
    return false;
  }
}
