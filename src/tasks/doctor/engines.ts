import type { EngineHealth } from '../../engines/engine.ts';
import { type Check, checker } from './check.ts';

const check = checker('engines');

/** An engine that a setting names must run; others need not be installed. */
export function checkEngineHealth(health: ReadonlyMap<string, EngineHealth>): Check[] {
  return [...health].map(([name, { state, version, note }]) => {
    if (state === 'ready') return check('ok', name, [version, note].filter(Boolean).join('; '));
    if (state === 'off' || state === 'checking') return check('off', name, note);
    return check('wrong', name, note, 'follow the note above; meanwhile its tasks wait for another worker');
  });
}

/**
 * @param spoilt - the setting of a folder that engines need and that has a fault
 * @returns the same, but engines that failed in this folder count as not checked, since the cause may be the folder
 */
export function withoutBlame(
  health: ReadonlyMap<string, EngineHealth>,
  spoilt: string,
): ReadonlyMap<string, EngineHealth> {
  const note = `not checked: ${spoilt} is not in order`;
  return new Map(
    [...health].map(([name, one]) => [
      name,
      one.state === 'sick' ? { ...one, state: 'checking', note } : one,
    ]),
  );
}
