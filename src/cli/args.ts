import { parseArgs } from 'node:util';
import { ERROR_CODES, FORMER_CODES, TaskError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** Name of its value in help, such as `CODE`. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, OptionSpec>>;

/** Values as given: a text, or whether a switch is there. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name]['type'] extends 'string' ? string | undefined : boolean;
};

export interface Arguments<O extends Options = Options> {
  readonly values: Values<O>;
  readonly positionals: readonly string[];
}

/** Options that every command has. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', help: 'print one JSON document and nothing else' },
  help: { type: 'boolean', short: 'h', help: 'show this text' },
} as const satisfies Options;

/**
 * Parses the arguments of one command. Messages about typing errors say what was probably meant.
 * @throws TaskError E_USAGE
 */
export function parseArguments<O extends Options>(
  command: string,
  argv: readonly string[],
  options: O,
): Arguments<O> {
  // Not strict: the messages of parseArgs name neither the command nor what was probably meant.
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: toParseOptions(options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const spec = options[token.name];
    if (spec === undefined) throw unknownOption(command, token.rawName, Object.keys(options));
    if (spec.type === 'boolean' && token.value !== undefined) {
      throw usage(command, `${token.rawName} takes no value, found ${JSON.stringify(token.value)}`);
    }
    if (spec.type === 'string' && isMissing(token.value, token.inlineValue === true, options)) {
      throw usage(command, `${token.rawName} needs a value: ${token.rawName} ${spec.value ?? 'VALUE'}`);
    }
  }
  const complete = Object.fromEntries(
    Object.entries(options).map(([name, { type }]) => [
      name,
      values[name] ?? (type === 'boolean' ? false : undefined),
    ]),
  );
  return { values: complete as Values<O>, positionals };
}

/** @throws TaskError E_USAGE for too few or too many positional arguments */
export function assertCount(
  command: string,
  positionals: readonly string[],
  expected: { readonly min: number; readonly max: number; readonly what: string },
): void {
  if (positionals.length < expected.min) throw usage(command, `expected ${expected.what}, found nothing`);
  const extra = positionals[expected.max];
  if (extra !== undefined) {
    throw usage(
      command,
      `${JSON.stringify(extra)}: expected ${expected.max === 0 ? 'no arguments' : expected.what}`,
    );
  }
}

/** @throws TaskError E_USAGE */
export function wholeNumber(command: string, option: string, text: string): number {
  if (!/^[+-]?\d{1,9}$/.test(text)) {
    throw usage(command, `${option}: expected a whole number, found ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/** @throws TaskError E_USAGE for a code that no version of the program has */
export function assertErrorCode(command: string, code: string): void {
  const codes = Object.keys(ERROR_CODES);
  if (codes.includes(code) || Object.hasOwn(FORMER_CODES, code)) return;
  const meant = nearest(code, codes);
  throw usage(
    command,
    `no error code ${JSON.stringify(code)}${meant === null ? '' : `; did you mean ${meant}?`}`,
  );
}

export function usage(command: string, problem: string): TaskError {
  const end = /[.?!]$/.test(problem) ? '' : '.';
  return new TaskError(
    'E_USAGE',
    `${problem}${end} See "${['autophon', command, '--help'].filter(Boolean).join(' ')}".`,
  );
}

function toParseOptions(options: Options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }) },
    ]),
  );
}

/** Whether there is no value, or one that is another option of the command, which cannot be meant. */
function isMissing(value: string | undefined, isInline: boolean, options: Options): boolean {
  if (value === undefined || value === '') return true;
  return !isInline && value.startsWith('--') && options[value.slice(2).split('=')[0] ?? ''] !== undefined;
}

function unknownOption(command: string, rawName: string, names: readonly string[]): TaskError {
  const meant = rawName.startsWith('--') ? nearest(rawName.slice(2), names) : null;
  return usage(command, `no option ${rawName}${meant === null ? '' : `; did you mean --${meant}?`}`);
}
