import { TaskError } from '../base/errors.ts';
import type { Engine, EngineHealth } from './engine.ts';
import { engineEnvironment } from './environment.ts';
import type { EngineKind, Installation } from './kind.ts';
import { isStartable } from './process/command.ts';

/**
 * An engine as it is installed at a site. Without its setting, the engine is `off`; with a launcher that cannot be started, it is
 * `missing`. The driver is not asked then.
 * @param place - the value of the kind's setting; null: it is not set
 */
export function installEngine(
  kind: EngineKind,
  { place, launcher, env }: Omit<Installation, 'place'> & { readonly place: string | null },
): Engine {
  const engine = kind.create({ place: place ?? '', launcher, env });
  if (kind.setting === null) return engine;
  if (place === null)
    return switchOff(engine, `${kind.setting.name} is not set: set it to ${kind.setting.meaning}`);
  const [program] = launcher;
  if (program === undefined) return engine;
  return {
    ...engine,
    check: async (signal) =>
      (await isStartable(program, '/', engineEnvironment({}, env)))
        ? engine.check(signal)
        : missing(
            `${program}: not found, which ${kind.name}_LAUNCHER or CONDA_ENV puts before ${kind.name}; ` +
              'install it, or give its path there',
          ),
  };
}

function switchOff(engine: Engine, note: string): Engine {
  const refuse = async (): Promise<never> => {
    throw new TaskError('E_ENGINE_MISSING', `${engine.name}: ${note}`);
  };
  return {
    ...engine,
    check: async () => ({ state: 'off', version: null, note }),
    align: refuse,
    ...(engine.pronounce === undefined ? {} : { pronounce: refuse }),
    ...(engine.pronounceByRules === undefined ? {} : { pronounceByRules: refuse }),
  };
}

function missing(note: string): EngineHealth {
  return { state: 'missing', version: null, note };
}
