import { z } from 'zod';
import { parseBytes } from './base/bytes.ts';
import { findChannelsFault, parseChannels } from './base/channels.ts';
import { findUrlFault } from './base/database-url.ts';
import { findAddressFault, findHostNameFault } from './base/loopback.ts';
import { findUserFault } from './base/names.ts';
import { findNetworkFault } from './base/networks.ts';
import { PLAIN_NAME, PLAIN_NAME_RULE } from './base/plain-name.ts';
import { findFormatFault, parseResultFormats } from './base/result-kinds.ts';
import { findOriginFault, findPublicUrlFault } from './base/web-origin.ts';
import { ENGINE_SETTING_NAMES } from './engines/site-settings.ts';

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
  LOG_FORMAT: z.enum(['text', 'json'], 'expected text or json').default('text'),
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
  KEEP_SOUND: seconds(0, 0, 3650 * DAY_SEC),
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
  METRICS: checked(findAddressFault).optional(),
  WEB: checked(findAddressFault).default('127.0.0.1:8017'),
  WEB_USER: z
    .string()
    .default('local')
    .refine((name) => PLAIN_NAME.test(name), `expected ${PLAIN_NAME_RULE}`),
  WEB_HOSTS: checked(findHostNameFault).optional(),
  WEB_MODE: z.enum(['local', 'proxy', 'token'], 'expected local, proxy or token').default('local'),
  WEB_PROXIES: checked(findNetworkFault).optional(),
  WEB_USER_HEADER: z
    .string()
    .default('X-Remote-User')
    .refine(
      (name) => /^[A-Za-z0-9-]{1,100}$/.test(name),
      'expected the name of a header, such as X-Remote-User',
    ),
  WEB_OPERATORS: checked(findUserFault).optional(),
  USER_QUOTA: size('0'),
  DONE_COMMAND: text,
  PUBLIC_URL: checked(findPublicUrlFault).optional(),
  WEBHOOK_HOSTS: checked(findOriginFault).optional(),
  WEBHOOK_SECRET: text,
  WEBHOOK_NETWORKS: checked(findNetworkFault).optional(),
  PICTURES: z.enum(['auto', 'never'], 'expected auto or never').default('auto'),
  CHANNELS: checked(findChannelsFault).default('mix').transform(parseChannels),
  OUTPUT_FORMATS: checked(findFormatFault).default('textgrid,csv').transform(parseResultFormats),
} as const;

export const SettingsSchema = z.object(FIXED_SETTINGS);

/** One line per setting: name, check, default. docs/configuration.md has the words; a test compares the two. */
export const SETTINGS = {
  ...FIXED_SETTINGS,
  ...Object.fromEntries(ENGINE_SETTING_NAMES.map((name) => [name, text])),
} as typeof FIXED_SETTINGS;
