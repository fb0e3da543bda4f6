import { messageOf } from '../base/errors.ts';
import type { Language } from '../lexicon/language.ts';
import type { Engine, EngineHealth } from './engine.ts';
import { tryAlignment } from './test-alignment/test-alignment.ts';

/**
 * Finds out whether an engine can run tasks, by its own check and a test alignment. A built-in engine needs no test alignment:
 * its check already loads its model.
 * @param languagesOf - gives the languages of an engine that can be used now
 * @param dir - the folder of the workspaces of tasks
 * @returns also `sick` if `signal` ends the examination; it never throws
 */
export async function examineEngine(
  engine: Engine,
  languagesOf: (engine: string) => Promise<readonly Language[]>,
  signal: AbortSignal,
  dir: string,
): Promise<EngineHealth> {
  let health: EngineHealth = { state: 'sick', version: null, note: 'its check failed' };
  try {
    health = await engine.check(signal);
    if (health.state !== 'ready' || engine.builtInLanguages.length > 0) return health;
    const { isFit, note } = await tryAlignment(engine, await languagesOf(engine.name), signal, dir);
    return { ...health, state: isFit ? 'ready' : 'sick', note: `${health.note}; ${note}` };
  } catch (error) {
    const reason = messageOf(error);
    return { ...health, state: 'sick', note: `${health.note}; the test alignment did not end: ${reason}` };
  }
}
