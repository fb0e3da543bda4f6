import path from 'node:path';
import { TaskError } from '../base/errors.ts';

/** Arguments before an engine's own command, such as `['nice', '-n', '10']`. Empty: there are none. */
export type Launcher = readonly string[];

export interface LauncherSettings {
  /** The site's `CONDA_ENV`, for all engines. */
  readonly condaEnv?: string | null | undefined;
  /** The engine's own `<ENGINE>_LAUNCHER`. */
  readonly launcher?: string | null | undefined;
}

/** The value of a CONDA_ENV that is not set, in settings of the older worker. */
const UNSET = 'None';
const ACTIVATORS = new Set(['conda', 'mamba', 'micromamba']);
/** Characters that a shell would interpret. As no shell is used, a setting with them would mean something else. */
const SHELL_ONLY = new Set(['|', '&', ';', '<', '>', '(', ')']);
const SHELL_ALSO_IN_DOUBLE_QUOTES = new Set(['$', '`']);

/**
 * The arguments that start an engine in its environment. The engine's own launcher replaces `CONDA_ENV`: it may name another
 * environment, or a container.
 * @throws TaskError E_CONFIG with the fault of the setting
 */
export function engineLauncher(settings: LauncherSettings): Launcher {
  const own = splitArguments(settings.launcher ?? '');
  return own.length > 0 ? own : parseCondaEnv(settings.condaEnv ?? '');
}

/**
 * Converts `conda activate NAME &&`, which the older worker put before its shell commands, to arguments. It accepts conda, mamba and
 * micromamba by name or path; `source activate NAME`; `source .../conda.sh && conda activate NAME`; a path instead of NAME; and
 * a text without `&&`.
 * @throws TaskError E_CONFIG for any other text
 * @internal
 */
export function parseCondaEnv(text: string): Launcher {
  let launcher: Launcher = [];
  let condaPath: string | null = null;
  for (const part of text.split('&&')) {
    const words = splitArguments(part);
    if (words.length === 0 || (words.length === 1 && words[0] === UNSET)) continue;
    const sourced = condaOfScript(words);
    if (sourced !== null) condaPath = sourced;
    else launcher = runInEnvironment(words, condaPath, text);
  }
  return launcher;
}

/**
 * Splits a setting into arguments as a shell does, with quotes and backslashes. What only a shell can do is refused: variables,
 * `~`, pipes, `$(...)`.
 * @throws TaskError E_CONFIG
 * @internal
 */
export function splitArguments(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    const next = text.charAt(i + 1);
    if (quote !== "'" && char === '\\' && (quote === null ? next !== '' : /["\\$`]/.test(next))) {
      word = (word ?? '') + next;
      i += 1;
    } else if (quote !== null) {
      if (char === quote) quote = null;
      else word += plain(char, quote === '"' && SHELL_ALSO_IN_DOUBLE_QUOTES.has(char), text);
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      const needsShell: boolean =
        SHELL_ONLY.has(char) || SHELL_ALSO_IN_DOUBLE_QUOTES.has(char) || (char === '~' && word === null);
      word = (word ?? '') + plain(char, needsShell, text);
    }
  }
  if (quote !== null) throw configError(text, `the quote ${quote} is not closed`);
  if (word !== null) words.push(word);
  return words;
}

function plain(char: string, needsShell: boolean, text: string): string {
  if (needsShell) {
    throw configError(
      text,
      `"${char}" needs a shell and no shell reads this setting; write the command and its arguments in full`,
    );
  }
  return char;
}

/** The conda that belongs to a start-up script: `source ROOT/etc/profile.d/conda.sh` -> `ROOT/bin/conda`. */
function condaOfScript(words: readonly string[]): string | null {
  const [command, script = ''] = words;
  const isSource = command === 'source' || command === '.';
  if (!isSource || words.length !== 2 || !script.endsWith('/etc/profile.d/conda.sh')) return null;
  return path.join(path.dirname(script), '..', '..', 'bin', 'conda');
}

function runInEnvironment(words: readonly string[], condaPath: string | null, text: string): Launcher {
  const [command = '', verb = '', environment] = words;
  const isActivate = ACTIVATORS.has(path.basename(command)) && verb === 'activate';
  const isSource = (command === 'source' || command === '.') && path.basename(verb) === 'activate';
  if ((!isActivate && !isSource) || words.length > 3) {
    throw configError(
      text,
      'expected "conda activate NAME &&"; for any other command before an engine set its <ENGINE>_LAUNCHER',
    );
  }
  const besideActivate = isSource && verb.includes('/') ? path.join(path.dirname(verb), 'conda') : 'conda';
  const program = isSource ? besideActivate : command;
  const conda = program === 'conda' && condaPath !== null ? condaPath : program;
  const name = environment ?? 'base';
  // Without this option, conda gives all output at the end: there would be no progress, and a long run would seem to hang.
  const live = path.basename(conda) === 'conda' ? ['--no-capture-output'] : [];
  return [conda, 'run', ...live, name.includes('/') ? '-p' : '-n', name];
}

function configError(text: string, reason: string): TaskError {
  return new TaskError('E_CONFIG', `"${text.trim()}": ${reason}`);
}
