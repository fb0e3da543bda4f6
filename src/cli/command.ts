import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { LOG_EVENTS, type LogEvent } from '../base/log-events.ts';
import type { LogFields } from '../base/log-lines.ts';
import { type Config, loadConfig } from '../config.ts';
import type { Environment } from '../environment.ts';
import { type Arguments, COMMON_OPTIONS, type Options, parseArguments } from './args.ts';
import type { Output } from './output.ts';

/** Status of the process: 0 success, 1 the program or the task failed, 2 the request is wrong, or `INTERRUPTED`. */
export type ExitCode = 0 | 1 | 2 | typeof INTERRUPTED;

/** Ended by Ctrl-C: 128 and the number of SIGINT, as in shells. */
export const INTERRUPTED = 130;

export interface CommandContext {
  readonly output: Output;
  /** Folder of the project: `.env` is read there, and `.data` made. */
  readonly homeDir: string;
  readonly environment: Environment;
}

export interface CommandText {
  readonly name: string;
  /** The arguments after the name, such as `TASK...`. */
  readonly usage: string;
  readonly details: readonly string[];
  readonly examples: readonly string[];
}

export interface Command extends CommandText {
  readonly options: Options;
  readonly run: (argv: readonly string[], context: CommandContext) => Promise<ExitCode>;
}

interface CommandSpec<O extends Options> extends CommandText {
  readonly options: O;
  readonly run: (args: Arguments<O>, context: CommandContext) => Promise<ExitCode>;
}

/** A command whose `run` gets its own options by name and type. */
export function defineCommand<const O extends Options>(spec: CommandSpec<O>): Command {
  const options = { ...spec.options, ...COMMON_OPTIONS };
  return {
    ...spec,
    options,
    run: async (argv, context) => spec.run(parseArguments(spec.name, argv, options), context),
  };
}

export function configOf({ homeDir, environment }: CommandContext): Config {
  return loadConfig(homeDir, environment);
}

/** The log of a command other than the worker: for the user at the terminal, on standard error. */
export function personalLog(output: Output, config: Config): Log {
  const isDebug = config.logLevel === 'DEBUG';
  const describe = (event: LogEvent, fields: LogFields = {}, text: string = LOG_EVENTS[event]) => {
    const values = Object.values(fields).map((value) => messageOf(value));
    return [text, ...values].join(': ');
  };
  const log: Log = {
    debug: (...event) => isDebug && output.note(output.paint(describe(...event), 'dim')),
    info: (...event) => output.note(describe(...event)),
    warn: (...event) => output.note(`warning: ${describe(...event)}`),
    error: (...event) => output.note(`error: ${describe(...event)}`),
    with: () => log,
  };
  return log;
}
