import path from 'node:path';
import { engineEnvironment } from '../environment.ts';
import type { Launcher } from '../launcher.ts';
import { blasEnvironment } from './blas.ts';

/** How one of the two MFA programs is started. */
export interface MfaSettings {
  /** The program in the setting `MFA1` or `MFA2`. */
  readonly command: string;
  readonly launcher: Launcher;
  /** The environment of the worker; `engineEnvironment` takes a part of it. */
  readonly env: NodeJS.ProcessEnv;
}

/** The whole environment of MFA. If its program is given by a path, the folder of the program is first on PATH, for its tools. */
export function mfaEnvironment(
  settings: MfaSettings,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment = engineEnvironment({ ...extra, ...blasEnvironment() }, settings.env);
  if (!settings.command.includes('/')) return environment;
  return { ...environment, PATH: `${path.dirname(settings.command)}:${environment['PATH']}` };
}
