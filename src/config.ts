import { existsSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { parseBytes } from './base/bytes.ts';
import { findUrlFault } from './base/database-url.ts';
import { type Fault, TaskError } from './base/errors.ts';
import type { LogLevel } from './base/log.ts';
import { nearest } from './base/nearest.ts';
import { findFormatFault, parseResultFormats } from './base/result-kinds.ts';
import type { SitePolicy } from './base/site-policy.ts';
import type { TaskLimits } from './base/task-limits.ts';
import { withoutPassword } from './base/without-password.ts';
import type { EngineSite } from './engines/registry.ts';
import { ENGINE_SETTING_NAMES, readEngineSettings, toProgram } from './engines/site-settings.ts';
import { type Environment, environment as processEnvironment } from './environment.ts';

/** Every setting of the worker, read once from the environment and `.env`, checked as a whole, then frozen. */
export interface Config {
  /** Null: the embedded server under `dataDir` is used. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly uploadsDir: string;
  readonly logsDir: string;
  readonly tempDir: string;
  /** Folder of `langs.json` and the language folders; null: built-in languages only. */
  readonly adminDir: string | null;
  readonly slotCount: number;
  readonly logLevel: LogLevel;
  readonly minPollSec: number;
  readonly maxPollSec: number;
  readonly retryAttempts: number;
  readonly retryDelaySec: number;
  readonly taskTimeoutSec: number;
  readonly engineSilenceSec: number;
  readonly shutdownGraceSec: number;
  readonly leaseSec: number;
  readonly heartbeatSec: number;
  readonly sweepSec: number;
  readonly crashLimit: number;
  readonly engineWaitSec: number;
  /** 0: no floor. */
  readonly minFreeDiskBytes: number;
  readonly minFreeMemoryBytes: number;
  readonly policy: SitePolicy;
  /** 0: for ever. */
  readonly keepFailedInputsSec: number;
  readonly keepResultsSec: number;
  readonly keepLogsSec: number;
  /** Audio of a completed task, and results of its earlier attempts. */
  readonly removalDelaySec: number;
  readonly taskLimits: TaskLimits;
  readonly engines: EngineConfig;
}

export interface EngineConfig extends EngineSite {
  /** Name or path. */
  readonly ffmpeg: string;
}

const seconds = (defaultSec: number, minSec: number, maxSec: number) =>
  z.coerce
    .number('expected a number of seconds')
    .min(minSec, outside(minSec, maxSec))
    .max(maxSec, outside(minSec, maxSec))
    .default(defaultSec);
const count = (defaultCount: number, min: number, max: number) =>
  z.coerce
    .number('expected a whole number')
    .int('expected a whole number')
    .min(min, outside(min, max))
    .max(max, outside(min, max))
    .default(defaultCount);
const outside = (min: number, max: number) => `expected ${min} to ${max}`;
const size = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .transform(parseBytes)
    .pipe(z.number('expected a size: bytes, or a number with K, M, G or T, such as 1.5G'));
const text = z.string().optional();
const checked = (findFault: (text: string) => string | null) =>
  z.string().superRefine((found, problems) => {
    const fault = findFault(found);
    if (fault !== null) problems.addIssue(fault);
  });

const DAY_SEC = 86_400;

const FIXED_SETTINGS = {
  DATABASE_URL: checked(findUrlFault).optional(),
  DATA_DIR: text,
  UPLOADS: text,
  LOGS: text,
  ADMIN: text,
  CURRENT_DIR: text,
  TEMP_DIR: text,
  CONDA_ENV: text,
  FFMPEG: z.string().default('ffmpeg'),
  ALIGNMENT_WORKERS: count(2, 1, 64),
  WORKER_LOG_LEVEL: z
    .string()
    .default('INFO')
    .transform((level) => level.toUpperCase())
    .pipe(z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR'], 'expected DEBUG, INFO, WARNING or ERROR')),
  MIN_POLL_INTERVAL: seconds(1, 0.05, 3600),
  MAX_POLL_INTERVAL: seconds(30, 0.05, 3600),
  RETRY_ATTEMPTS: count(3, 1, 20),
  RETRY_DELAY: seconds(15, 0, DAY_SEC),
  TASK_TIMEOUT: seconds(7200, 1, DAY_SEC),
  ENGINE_SILENCE: seconds(1800, 1, DAY_SEC),
  SHUTDOWN_GRACE: seconds(20, 0, DAY_SEC),
  LEASE: count(50, 10, 3600),
  HEARTBEAT: seconds(5, 0.05, 600),
  SWEEP_INTERVAL: count(5, 1, 600),
  CRASH_LIMIT: count(3, 1, 20),
  ENGINE_WAIT: seconds(DAY_SEC, 1, 365 * DAY_SEC),
  MIN_FREE_DISK: size('1G'),
  MIN_FREE_MEMORY: size('256M'),
  KEEP_FAILED_INPUTS: seconds(DAY_SEC, 0, 3650 * DAY_SEC),
  KEEP_RESULTS: seconds(0, 0, 3650 * DAY_SEC),
  REMOVAL_DELAY: seconds(60, 0, 30 * DAY_SEC),
  KEEP_LOGS: seconds(30 * DAY_SEC, 0, 3650 * DAY_SEC),
  MAX_FILES: count(5_000, 1, 1_000_000),
  MAX_TASK_SIZE: size('16G'),
  MAX_AUDIO: seconds(360_000, 1, 100_000_000),
  MAX_INTERVALS: count(200_000, 1, 100_000_000),
  MAX_LABEL_LENGTH: count(10_000, 1, 10_000_000),
  MAX_DICTIONARY_LINES: count(500_000, 1, 100_000_000),
  MAX_RESULT_SIZE: size('2G'),
  UNKNOWN_WORDS: z.enum(['warn', 'fail'], 'expected warn or fail').default('warn'),
  PARTIAL_RESULTS: z.enum(['fail', 'allow'], 'expected fail or allow').default('fail'),
  SEARCH: z.enum(['usual', 'wide'], 'expected usual or wide').default('usual'),
  CUT_INTERVALS: z.enum(['auto', 'never'], 'expected auto or never').default('auto'),
  OUTPUT_FORMATS: checked(findFormatFault).default('textgrid,csv').transform(parseResultFormats),
} as const;

const SettingsSchema = z.object(FIXED_SETTINGS);

/** One line per setting: name, check, default. docs/configuration.md has the words; a test compares the two. */
export const SETTINGS = {
  ...FIXED_SETTINGS,
  ...Object.fromEntries(ENGINE_SETTING_NAMES.map((name) => [name, text])),
} as typeof FIXED_SETTINGS;

/** Prefixes and names close to ours that a typing error produces; checked only where a mistake is likely ours. */
const OUR_PREFIXES = ['ALIGNMENT_', 'WORKER_', 'AUTOPHON_'];

/**
 * The configuration that an environment describes; a pure function.
 * @param environment - variables; those of `dotEnv` fill in what it lacks
 * @param dotEnv - contents of the `.env` file, parsed
 * @param homeDir - folder of the project, which relative defaults start from
 * @throws TaskError E_CONFIG with every problem at once
 * @internal
 */
export function readConfig(environment: Environment, dotEnv: Environment, homeDir: string): Config {
  const merged = dropEmpty({ ...dotEnv, ...dropEmpty(environment) });
  const root = path.resolve(homeDir, merged['CURRENT_DIR'] ?? '.');
  const engines = readEngineSettings(merged, root);
  const problems = [...findUnknownNames(environment, dotEnv), ...engines.problems];
  const parsed = SettingsSchema.safeParse(merged);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = issue.path.join('.');
      problems.push(`${name}=${withoutPassword(merged[name] ?? '')}: ${issue.message}`);
    }
    throw configError(problems);
  }
  const settings = parsed.data;
  problems.push(...findContradictions(settings));
  if (problems.length > 0) throw configError(problems);

  const dataDir = path.resolve(homeDir, settings.DATA_DIR ?? '.data');
  return Object.freeze({
    databaseUrl: settings.DATABASE_URL ?? null,
    dataDir,
    uploadsDir: path.resolve(root, settings.UPLOADS ?? path.join(dataDir, 'uploads')),
    logsDir: path.resolve(root, settings.LOGS ?? path.join(dataDir, 'logs')),
    tempDir: path.resolve(root, settings.TEMP_DIR ?? path.join(os.tmpdir(), `autophon-${userId()}`)),
    adminDir: settings.ADMIN === undefined ? null : path.resolve(root, settings.ADMIN),
    slotCount: settings.ALIGNMENT_WORKERS,
    logLevel: settings.WORKER_LOG_LEVEL,
    minPollSec: settings.MIN_POLL_INTERVAL,
    maxPollSec: settings.MAX_POLL_INTERVAL,
    retryAttempts: settings.RETRY_ATTEMPTS,
    retryDelaySec: settings.RETRY_DELAY,
    taskTimeoutSec: settings.TASK_TIMEOUT,
    engineSilenceSec: settings.ENGINE_SILENCE,
    shutdownGraceSec: settings.SHUTDOWN_GRACE,
    leaseSec: settings.LEASE,
    heartbeatSec: settings.HEARTBEAT,
    sweepSec: settings.SWEEP_INTERVAL,
    crashLimit: settings.CRASH_LIMIT,
    engineWaitSec: settings.ENGINE_WAIT,
    minFreeDiskBytes: settings.MIN_FREE_DISK,
    minFreeMemoryBytes: settings.MIN_FREE_MEMORY,
    policy: Object.freeze({
      unknownWords: settings.UNKNOWN_WORDS,
      partialResults: settings.PARTIAL_RESULTS,
      search: settings.SEARCH,
      cuts: settings.CUT_INTERVALS,
      formats: settings.OUTPUT_FORMATS,
    }),
    keepFailedInputsSec: settings.KEEP_FAILED_INPUTS,
    keepResultsSec: settings.KEEP_RESULTS,
    keepLogsSec: settings.KEEP_LOGS,
    removalDelaySec: settings.REMOVAL_DELAY,
    taskLimits: Object.freeze({
      fileCount: settings.MAX_FILES,
      inputBytes: settings.MAX_TASK_SIZE,
      audioSec: settings.MAX_AUDIO,
      intervalCount: settings.MAX_INTERVALS,
      labelChars: settings.MAX_LABEL_LENGTH,
      dictionaryLines: settings.MAX_DICTIONARY_LINES,
      resultBytes: settings.MAX_RESULT_SIZE,
    }),
    engines: Object.freeze({
      ffmpeg: toProgram(settings.FFMPEG, root),
      installations: Object.freeze(engines.installations),
      launchers: Object.freeze(engines.launchers),
      inherited: Object.freeze({ ...environment }),
    }),
  });
}

/** The configuration of this process: its environment, and `.env` in the project's folder. */
export function loadConfig(homeDir: string): Config {
  const dotEnvPath = path.join(homeDir, '.env');
  const dotEnv = existsSync(dotEnvPath) ? parseEnv(readFileSync(dotEnvPath, 'utf8')) : {};
  const config = readConfig(processEnvironment, dotEnv, homeDir);
  assertTemporaryFolder();
  return config;
}

/** Programs and libraries that put something there say of a folder that is not there only that it is not. */
function assertTemporaryFolder(): void {
  const folder = os.tmpdir();
  if (path.isAbsolute(folder) && existsSync(folder) && statSync(folder).isDirectory()) return;
  const name = ['TMPDIR', 'TMP', 'TEMP'].find((one) => processEnvironment[one]) ?? 'TMPDIR';
  throw configError([
    `${name}=${folder}: expected the full path of a folder that is there, for temporary files`,
  ]);
}

function findUnknownNames(environment: Environment, dotEnv: Environment): string[] {
  const known = Object.keys(SETTINGS);
  const isOurs = (name: string) => OUR_PREFIXES.some((prefix) => name.startsWith(prefix));
  const suspects = new Set([...Object.keys(dotEnv), ...Object.keys(environment).filter(isOurs)]);
  const problems: string[] = [];
  for (const name of suspects) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    // A web application shares the .env file: its own names are none of our business.
    if (meant === null && !isOurs(name)) continue;
    problems.push(`${name}: no such setting${meant === null ? '' : `; did you mean ${meant}?`}`);
  }
  return problems;
}

function findContradictions(settings: z.infer<typeof SettingsSchema>): string[] {
  const problems: string[] = [];
  if (settings.MIN_POLL_INTERVAL > settings.MAX_POLL_INTERVAL) {
    problems.push(
      `MIN_POLL_INTERVAL=${settings.MIN_POLL_INTERVAL} is above MAX_POLL_INTERVAL=${settings.MAX_POLL_INTERVAL}`,
    );
  }
  if (settings.HEARTBEAT * 2 > settings.LEASE) {
    problems.push(
      `HEARTBEAT=${settings.HEARTBEAT} must be at most half of LEASE=${settings.LEASE}: one lost heartbeat would cost the task`,
    );
  }
  return problems;
}

function configError([first = '', ...rest]: readonly string[]): TaskError {
  const toFault = (problem: string): Fault => ({
    code: 'E_CONFIG',
    text: `${problem}; fix it in the environment or in .env`,
  });
  return TaskError.ofFaults([toFault(first), ...rest.map(toFault)]);
}

/** An empty variable is an unset one: `FASE=` in a template must not become the command "". */
function dropEmpty(environment: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}

function userId(): number {
  return process.getuid?.() ?? 0;
}
