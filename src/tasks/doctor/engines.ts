import type { EngineHealth } from '../../engines/engine.ts';
import { type Check, checker } from './check.ts';

const check = checker('engines');

/** An engine that a setting names must run; one that nothing names need not be there. */
export function checkEngineHealth(health: ReadonlyMap<string, EngineHealth>): Check[] {
  return [...health].map(([name, { state, version, note }]) => {
    if (state === 'ready') return check('ok', name, [version, note].filter(Boolean).join('; '));
    if (state === 'off') return check('off', name, note);
    return check('wrong', name, note, 'follow the note above; meanwhile its tasks wait for another worker');
  });
}
