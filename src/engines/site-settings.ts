import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { engineLauncher, type Launcher } from './launcher.ts';
import { ENGINE_KINDS, type EngineSite } from './registry.ts';

/** The names of the settings of engines: where each is installed, and its launcher. */
export const ENGINE_SETTING_NAMES: readonly string[] = ENGINE_KINDS.flatMap(({ name, setting }) =>
  setting === null ? [] : [setting.name, launcherSetting(name)],
);
const CONDA_ENV = 'CONDA_ENV';

export interface EngineSettings extends Pick<EngineSite, 'installations' | 'launchers'> {
  /** One line for each setting that cannot be used, with its name and the fix. */
  readonly problems: readonly string[];
}

/**
 * Reads the settings of all engines.
 * @param values - all settings
 * @param rootDir - relative paths start here, since engines run in folders of their own
 */
export function readEngineSettings(
  values: Readonly<Record<string, string | undefined>>,
  rootDir: string,
): EngineSettings {
  const installations: Record<string, string> = {};
  const launchers: Record<string, Launcher> = {};
  const problems = new Set<string>();
  for (const { name, setting } of ENGINE_KINDS) {
    if (setting === null) continue;
    const place = values[setting.name];
    if (place !== undefined)
      installations[name] =
        setting.takes === 'folder' ? path.resolve(rootDir, place) : toProgram(place, rootDir);
    const own = launcherSetting(name);
    const source = values[own] === undefined ? CONDA_ENV : own;
    try {
      const [program, ...rest] = engineLauncher({ condaEnv: values[CONDA_ENV], launcher: values[own] });
      if (program !== undefined) launchers[name] = [toProgram(program, rootDir), ...rest];
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      problems.add(`${source}: ${error.message}`);
    }
  }
  return { installations, launchers, problems: [...problems] };
}

/** Makes a path absolute. A name without a slash stays, and is found on PATH. */
export function toProgram(text: string, rootDir: string): string {
  return text.includes('/') ? path.resolve(rootDir, text) : text;
}

function launcherSetting(engine: string): string {
  return `${engine}_LAUNCHER`;
}
