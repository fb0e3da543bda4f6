import { messageOf } from '../base/errors.ts';
import type { Language } from '../lexicon/language.ts';
import type { Engine, EngineHealth } from './engine.ts';
import { tryAlignment } from './test-alignment/test-alignment.ts';

/**
 * Whether an engine can be given tasks: its own check, then a test alignment. Built-in engines are not tried again,
 * since their check loads the very model that they come with.
 * @param languagesOf - the languages of the engine that can be used now
 * @param dir - where tasks work
 * @returns `sick`, too, when `signal` ends it; never throws
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
