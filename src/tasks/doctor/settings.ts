import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import type { TaskError } from '../../base/errors.ts';
import { withoutPassword } from '../../base/without-password.ts';
import type { Config } from '../../config.ts';
import { SETTINGS } from '../../settings.ts';
import { type Check, checker } from './check.ts';

const check = checker('settings');
/** `--env TOKEN=...` in a launcher, and the like. */
const SECRET = /((?:password|passwd|secret|token|key)[\w-]*\s*[=:]\s*)\S+/gi;

/** Every setting with its value and the origin of the value. Passwords are left out. */
export function checkSettings(config: Config, homeDir: string): Check[] {
  const dotEnvPath = path.join(homeDir, '.env');
  const dotEnv = existsSync(dotEnvPath) ? parseEnv(readFileSync(dotEnvPath, 'utf8')) : {};
  const effective = effectivePaths(config);
  return Object.entries(SETTINGS).map(([name, schema]) => {
    const fromEnvironment = config.engines.inherited[name];
    const given = fromEnvironment || dotEnv[name];
    if (!given) {
      const byDefault = effective[name] ?? schema.safeParse(undefined).data;
      return check('ok', name, byDefault === undefined ? 'not set' : `${byDefault} (default)`);
    }
    const source = fromEnvironment ? 'environment' : '.env';
    return check('ok', name, `${maskSecrets(effective[name] ?? given)} (${source})`);
  });
}

/** The settings that cannot be used, one check per problem. */
export function describeConfigError({ faults }: TaskError): Check[] {
  return faults.map(({ text }) => {
    const [, name = 'settings', rest = text] = /^([A-Z][A-Z0-9_]*)[=:]?\s*(.*)$/.exec(text) ?? [];
    return check('wrong', name, maskSecrets(rest));
  });
}

function maskSecrets(text: string): string {
  return withoutPassword(text).replace(SECRET, '$1***');
}

/** The final value of a setting that is completed from others. */
function effectivePaths(config: Config): Readonly<Record<string, string>> {
  return {
    DATA_DIR: config.dataDir,
    UPLOADS: config.uploadsDir,
    LOGS: config.logsDir,
    TEMP_DIR: config.tempDir,
    DATABASE_URL: config.databaseUrl ?? 'the built-in Postgres',
    ADMIN: config.adminDir ?? 'none: the built-in languages only',
  };
}
