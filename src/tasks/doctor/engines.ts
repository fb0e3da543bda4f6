import type { EngineSettings } from '../../config.ts';
import type { EngineHealth } from '../../engines/engine.ts';
import { type Check, checker } from './check.ts';

const check = checker('engines');

/** An engine that a setting names must run; one that nothing names need not be there. */
export function checkEngineHealth(
  settings: EngineSettings,
  health: ReadonlyMap<string, EngineHealth>,
): Check[] {
  if (health.size === 0) return [check('wrong', 'engines', 'none at all', 'run "make install"')];
  return [...health].map(([name, { state, version, note }]) => {
    if (state === 'ready') return check('ok', name, [version, note].filter(Boolean).join('; '));
    if (!isWanted(name, settings)) return check('off', name, 'not set up');
    return check(
      'wrong',
      name,
      note,
      `its tasks wait for a worker that has it; until then mend the setting ${settingOf(name)}`,
    );
  });
}

function isWanted(name: string, settings: EngineSettings): boolean {
  const values: Readonly<Record<string, string | null>> = {
    MFA1: settings.mfa1,
    MFA2: settings.mfa2,
    FAVE: settings.faveDir,
    FASE: settings.fase,
  };
  // Any other is built in.
  return values[name] !== null;
}

function settingOf(name: string): string {
  return name === 'FAVE' ? 'FAVE_DIR' : name;
}
