import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { Writable } from 'node:stream';
import { runCommandLine } from '../../src/cli/run.ts';
import { nodeEnv } from '../../testing/node-env.ts';
import { waitingFor } from '../../testing/time-limits.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const MAIN = 'src/cli/main.ts';
/** Commands that heed signals or write a log of their own. */
const OWN_PROCESS = ['worker', 'web', 'process'];
const READ_BY_NODE = ['TZ', 'TMPDIR'];
const NO_TERMINAL = { isTTY: false, columns: 0, rows: 0, hasColors: () => false };

export interface CliResult {
  readonly exitCode: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** Its output so far. */
  printed(): { readonly stdout: string; readonly stderr: string };
  /** Resolves when standard output contains a text; rejects if the process ends without it. */
  said(text: string): Promise<void>;
  /** The same for standard error. */
  noted(text: string): Promise<void>;
}

const running = new Set<ChildProcess>();
// A test that fails must not leave workers behind.
process.on('exit', endAllCli);

/** For `after`: a worker that a failed test has left behind would keep the test file from ending. */
export function endAllCli(): void {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Starts the real command line, as bin/autophon does.
 * @param rootDir - of another version of the program
 * @param stderrTo - an open file for standard error, which `noted` then does not read
 */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  rootDir: string = ROOT_DIR,
  stderrTo: number | 'pipe' = 'pipe',
): CliProcess {
  const child = spawn(process.execPath, [path.join(rootDir, MAIN), ...args], {
    // Messages name commands as they are called there.
    cwd: rootDir,
    env: { PATH: process.env['PATH'] ?? '', ...nodeEnv(), ...env },
    stdio: ['ignore', 'pipe', stderrTo],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  let hasEnded = false;
  const looks = new Set<() => void>();
  const lookAgain = () => {
    for (const look of looks) look();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    lookAgain();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    lookAgain();
  });
  const ended = new Promise<CliResult>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      hasEnded = true;
      resolve({ exitCode: code ?? signal ?? 0, stdout, stderr });
      lookAgain();
    });
  });
  const command = `"${args.join(' ')}"`;
  const waitFor = (text: string, printed: () => string) => {
    const said = new Promise<void>((resolve, reject) => {
      const look = () => {
        const isThere = printed().includes(text);
        if (!isThere && !hasEnded) return;
        looks.delete(look);
        if (isThere) resolve();
        else reject(new Error(`ended without saying ${JSON.stringify(text)}; it said: ${stdout}${stderr}`));
      };
      looks.add(look);
      look();
    });
    return waitingFor(`${command} to say ${JSON.stringify(text)}`, said);
  };
  const said = (text: string) => waitFor(text, () => stdout);
  const noted = (text: string) => waitFor(text, () => stderr);
  return {
    child,
    printed: () => ({ stdout, stderr }),
    get ended() {
      return waitingFor(`${command} to end`, ended);
    },
    said,
    noted,
  };
}

/**
 * Runs a command line to its end. In this process, because the start of a program costs more than most commands do, if
 * nothing of the command is about the process: its signals, its own log, or what Node itself reads of the environment.
 */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const isAboutProcess =
    OWN_PROCESS.some((command) => args.includes(command)) || READ_BY_NODE.some((name) => name in env);
  if (isAboutProcess || process.cwd() !== ROOT_DIR) return startCli(args, env).ended;
  const stdout = collect();
  const stderr = collect();
  const environment = { PATH: process.env['PATH'] ?? '', ...nodeEnv(), ...env };
  const around = { environment, stdout: stdout.stream, stderr: stderr.stream };
  const end = runCommandLine(args, ROOT_DIR, around);
  const exitCode = await waitingFor(`"${args.join(' ')}" to end`, end);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

/** A stream that is no terminal, as a pipe is none. */
function collect() {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _, done) => {
      text += chunk;
      done();
    },
  });
  return { stream: Object.assign(stream, NO_TERMINAL), text: () => text };
}

/** Runs a command with --json. @returns its exit code and the one document on its standard output */
export async function runJson<T>(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: CliResult['exitCode']; document: T; stderr: string }> {
  const { exitCode, stdout, stderr } = await runCli([...args, '--json'], env);
  try {
    return { exitCode, document: JSON.parse(stdout) as T, stderr };
  } catch {
    throw new Error(`expected one JSON document, found ${JSON.stringify(stdout)}; standard error: ${stderr}`);
  }
}
