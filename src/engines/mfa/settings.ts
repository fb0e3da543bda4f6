import path from 'node:path';
import { engineEnvironment } from '../environment.ts';
import type { Launcher } from '../launcher.ts';
import { blasEnvironment } from './blas.ts';

/** How one of the two MFA programs is started. */
export interface MfaSettings {
  /** The program, as `MFA1` or `MFA2` name it. */
  readonly command: string;
  readonly launcher: Launcher;
  /** The worker's environment, from which `engineEnvironment` picks. */
  readonly env: NodeJS.ProcessEnv;
}

/** The whole environment of a start of MFA. A program given by its path finds its own tools beside it first. */
export function mfaEnvironment(
  settings: MfaSettings,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment = engineEnvironment({ ...extra, ...blasEnvironment() }, settings.env);
  if (!settings.command.includes('/')) return environment;
  return { ...environment, PATH: `${path.dirname(settings.command)}:${environment['PATH']}` };
}
