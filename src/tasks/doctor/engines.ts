import type { EngineHealth } from '../../engines/engine.ts';
import { type Check, checker } from './check.ts';

const check = checker('engines');

/** An engine that a setting names must run; one that nothing names need not be there. */
export function checkEngineHealth(health: ReadonlyMap<string, EngineHealth>): Check[] {
  return [...health].map(([name, { state, version, note }]) => {
    if (state === 'ready') return check('ok', name, [version, note].filter(Boolean).join('; '));
    if (state === 'off' || state === 'checking') return check('off', name, note);
    return check('wrong', name, note, 'follow the note above; meanwhile its tasks wait for another worker');
  });
}

/**
 * @param spoilt - the setting of a folder that engines need and that is not in order
 * @returns the same, with engines that did not work in there as not checked: it need not be their fault
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
