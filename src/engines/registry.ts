import type { Engine } from './engine.ts';
import { createFase } from './htk/fase.ts';
import { createFave } from './htk/fave.ts';
import { engineLauncher } from './launcher.ts';
import { createMfa1 } from './mfa/mfa1.ts';
import { createMfa2 } from './mfa/mfa2.ts';
import { createSphinx } from './sphinx/sphinx.ts';

/** The settings of a site that concern its engines, as written. */
export interface EngineSettings {
  readonly mfa1: string | null;
  readonly mfa2: string | null;
  readonly fase: string | null;
  readonly faveDir: string | null;
  readonly condaEnv: string | null;
  /** `<ENGINE>_LAUNCHER` by engine name. */
  readonly launchers: Readonly<Record<string, string>>;
  /** What engines may inherit is picked from here by an allow-list. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/**
 * All engines by name. One that is not installed is here too: its health says so.
 * @throws TaskError E_CONFIG when CONDA_ENV or a launcher cannot be read
 */
export function createEngines(settings: EngineSettings): ReadonlyMap<string, Engine> {
  const { condaEnv, launchers, inherited: env } = settings;
  const launcher = (name: string) => engineLauncher({ condaEnv, launcher: launchers[name] ?? null });
  const engines = [
    createSphinx({ env }),
    createMfa1({ command: settings.mfa1, launcher: launcher('MFA1'), env }),
    createMfa2({ command: settings.mfa2, launcher: launcher('MFA2'), env }),
    createFave({ faveDir: settings.faveDir, python: 'python3', launcher: launcher('FAVE'), env }),
    createFase({ command: settings.fase, launcher: launcher('FASE'), env }),
  ];
  return new Map(engines.map((engine) => [engine.name, engine]));
}
