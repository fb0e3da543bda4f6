import { existsSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import type { DeliveryConfig } from './base/delivery-config.ts';
import { type Fault, TaskError } from './base/errors.ts';
import type { LogFormat, LogLevel } from './base/log.ts';
import { type Address, isLoopback, parseAddress, splitHostNames } from './base/loopback.ts';
import { splitNames } from './base/names.ts';
import { nearest } from './base/nearest.ts';
import type { SitePolicy, ViewPolicy } from './base/site-policy.ts';
import type { TaskLimits } from './base/task-limits.ts';
import { splitOrigins } from './base/web-origin.ts';
import { withoutPassword } from './base/without-password.ts';
import type { EngineSite } from './engines/registry.ts';
import { readEngineSettings, toProgram } from './engines/site-settings.ts';
import { type Environment, environment as processEnvironment } from './environment.ts';
import { SETTINGS, SettingsSchema } from './settings.ts';

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
  readonly logFormat: LogFormat;
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
  readonly view: ViewPolicy;
  readonly taskLimits: TaskLimits;
  /** Where a worker answers monitoring; null: nowhere. */
  readonly metrics: Address | null;
  readonly web: WebConfig;
  readonly deliveries: DeliveryConfig;
  readonly engines: EngineConfig;
}

/** The page and its API. */
export interface WebConfig {
  /** A name or number of this machine alone. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Who may use it: every user of this machine, users whom a proxy names, or users with a token. */
  readonly mode: 'local' | 'proxy' | 'token';
  /** In the mode local: whose tasks the page makes. */
  readonly user: string;
  /** Names under which the page may be asked for, beside those of this machine alone. Lower case. */
  readonly hostNames: readonly string[];
  /** Addresses and networks of the proxies that may say who asks, and how. */
  readonly proxies: readonly string[];
  /** In which a proxy names the user. Lower case. */
  readonly userHeader: string;
  /** In the mode proxy: users whose role is operator. */
  readonly operators: readonly string[];
  /** What the files of one user may take; 0: no limit. */
  readonly userQuotaBytes: number;
}

export interface EngineConfig extends EngineSite {
  /** Name or path. */
  readonly ffmpeg: string;
}

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
  return Object.freeze({
    ...foldersOf(settings, homeDir, root),
    databaseUrl: settings.DATABASE_URL ?? null,
    slotCount: settings.ALIGNMENT_WORKERS,
    logLevel: settings.WORKER_LOG_LEVEL,
    logFormat: settings.LOG_FORMAT,
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
    policy: policyOf(settings),
    keepFailedInputsSec: settings.KEEP_FAILED_INPUTS,
    keepResultsSec: settings.KEEP_RESULTS,
    keepLogsSec: settings.KEEP_LOGS,
    removalDelaySec: settings.REMOVAL_DELAY,
    view: Object.freeze({ keepAudioSec: settings.KEEP_SOUND, pictures: settings.PICTURES }),
    taskLimits: taskLimitsOf(settings),
    metrics: settings.METRICS === undefined ? null : Object.freeze(parseAddress(settings.METRICS)),
    web: webOf(settings),
    deliveries: deliveriesOf(settings, root),
    engines: Object.freeze({
      ffmpeg: toProgram(settings.FFMPEG, root),
      installations: Object.freeze(engines.installations),
      launchers: Object.freeze(engines.launchers),
      inherited: Object.freeze({ ...environment }),
    }),
  });
}

type Settings = ReturnType<typeof SettingsSchema.parse>;

function foldersOf(settings: Settings, homeDir: string, root: string) {
  const dataDir = path.resolve(homeDir, settings.DATA_DIR ?? '.data');
  return {
    dataDir,
    uploadsDir: path.resolve(root, settings.UPLOADS ?? path.join(dataDir, 'uploads')),
    logsDir: path.resolve(root, settings.LOGS ?? path.join(dataDir, 'logs')),
    tempDir: path.resolve(root, settings.TEMP_DIR ?? path.join(os.tmpdir(), `autophon-${userId()}`)),
    adminDir: settings.ADMIN === undefined ? null : path.resolve(root, settings.ADMIN),
  };
}

function policyOf(settings: Settings): Config['policy'] {
  return Object.freeze({
    unknownWords: settings.UNKNOWN_WORDS,
    partialResults: settings.PARTIAL_RESULTS,
    search: settings.SEARCH,
    cuts: settings.CUT_INTERVALS,
    channels: settings.CHANNELS,
    formats: settings.OUTPUT_FORMATS,
  });
}

function taskLimitsOf(settings: Settings): Config['taskLimits'] {
  return Object.freeze({
    fileCount: settings.MAX_FILES,
    inputBytes: settings.MAX_TASK_SIZE,
    audioSec: settings.MAX_AUDIO,
    intervalCount: settings.MAX_INTERVALS,
    labelChars: settings.MAX_LABEL_LENGTH,
    dictionaryLines: settings.MAX_DICTIONARY_LINES,
    resultBytes: settings.MAX_RESULT_SIZE,
  });
}

function webOf(settings: Settings): Config['web'] {
  return Object.freeze({
    ...parseAddress(settings.WEB),
    user: settings.WEB_USER,
    hostNames: Object.freeze(splitHostNames(settings.WEB_HOSTS ?? '')),
    mode: settings.WEB_MODE,
    proxies: Object.freeze(splitNames(settings.WEB_PROXIES ?? '')),
    userHeader: settings.WEB_USER_HEADER.toLowerCase(),
    operators: Object.freeze(splitNames(settings.WEB_OPERATORS ?? '')),
    userQuotaBytes: settings.USER_QUOTA,
  });
}

function deliveriesOf(settings: Settings, root: string): Config['deliveries'] {
  return Object.freeze({
    publicUrl: settings.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    origins: Object.freeze(splitOrigins(settings.WEBHOOK_HOSTS ?? '')),
    doneCommand: settings.DONE_COMMAND === undefined ? null : toProgram(settings.DONE_COMMAND, root),
    secretPath: settings.WEBHOOK_SECRET === undefined ? null : path.resolve(root, settings.WEBHOOK_SECRET),
    networks: Object.freeze(splitNames(settings.WEBHOOK_NETWORKS ?? '')),
  });
}

/** The configuration of an environment, by default that of this process, and of `.env` in the project's folder. */
export function loadConfig(homeDir: string, environment = processEnvironment): Config {
  const dotEnvPath = path.join(homeDir, '.env');
  const dotEnv = existsSync(dotEnvPath) ? parseEnv(readFileSync(dotEnvPath, 'utf8')) : {};
  const config = readConfig(environment, dotEnv, homeDir);
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

function findContradictions(settings: Settings): string[] {
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
  if (settings.WEB_MODE === 'local' && !isLoopback(parseAddress(settings.WEB).host)) {
    problems.push(
      `WEB=${settings.WEB}: with WEB_MODE=local expected this machine alone, such as 127.0.0.1:8017, since everybody who reaches the page could use all tasks. ` +
        'For others set WEB_MODE=token and make a token for each with "autophon token add USER", or WEB_MODE=proxy with WEB_PROXIES',
    );
  }
  if (settings.WEB_MODE === 'proxy' && settings.WEB_PROXIES === undefined) {
    problems.push(
      'WEB_MODE=proxy needs WEB_PROXIES, the addresses of the proxies that may say who the user is, such as 127.0.0.1',
    );
  }
  if (settings.WEBHOOK_HOSTS !== undefined && settings.WEBHOOK_SECRET === undefined) {
    problems.push(
      'WEBHOOK_HOSTS needs WEBHOOK_SECRET, the file with the key that requests are signed with: otherwise their receivers cannot know who sent them',
    );
  }
  return problems;
}

function configError([first = '', ...rest]: readonly string[]): TaskError {
  const toFault = (problem: string): Fault => ({
    code: 'E_CONFIG',
    text: `${problem}${problem.endsWith('?') ? ' Fix' : '; fix'} it in the environment or in .env`,
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
