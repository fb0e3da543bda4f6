import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { TaskError, toTaskError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import type { EngineHealth } from '../engines/engine.ts';
import { examineEngine } from '../engines/examine.ts';
import { makeWorkspacesDir, privateDirOf } from '../host/workspace.ts';
import type { Language } from '../lexicon/language.ts';
import type { ExamineEngine } from '../worker/engine-rotation.ts';
import type { SiteResources } from './resources.ts';

const CHECK_LIMIT_MS = 180_000;

/** Examines an engine with its languages as they are at that moment. A language that is broken is no fault of the engine. */
export function examinerOf({ languages, findLanguage }: SiteResources, dir: string): ExamineEngine {
  const languagesOf = async (engine: string): Promise<Language[]> => {
    const own = [...languages.values()].filter((language) => language.engine === engine);
    const found = await Promise.allSettled(own.map(({ code }) => findLanguage(code)));
    return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  };
  return (engine, signal) => examineEngine(engine, languagesOf, signal, dir);
}

/** What could be found out about the engines. */
export interface CheckedEngines {
  readonly engines: ReadonlyMap<string, EngineHealth>;
  /** Why engines could not be tried: TEMP_DIR, where they work, cannot be used. Those that are set are then `sick`. */
  readonly fault: TaskError | null;
}

/** The health of all engines, found at the same time, as a worker finds it. */
export async function checkEngines(
  config: Config,
  resources: SiteResources,
  log: Log,
): Promise<CheckedEngines> {
  const isMade = !existsSync(config.tempDir);
  await using folders = new AsyncDisposableStack();
  // Left behind, they would belong to the user of this command, and workers could not use them.
  if (isMade) folders.defer(() => rmdir(config.tempDir).catch(() => undefined));
  folders.defer(() => rmdir(privateDirOf(config.tempDir)).catch(() => undefined));
  const dir = await makeWorkspacesDir(config.tempDir, randomUUID()).catch(toTaskError);
  const signal = AbortSignal.timeout(CHECK_LIMIT_MS);
  const examine = dir instanceof TaskError ? refuserOf(dir) : examinerOf(resources, dir);
  if (typeof dir === 'string') folders.defer(() => rm(dir, { recursive: true, force: true }));
  const checked = await Promise.all(
    [...resources.engines].map(async ([name, engine]) => [name, await examine(engine, signal)] as const),
  );
  for (const [name, { state, version, note }] of checked)
    log.debug('engine.checked', { engine: name, state, version, note });
  return { engines: new Map(checked), fault: dir instanceof TaskError ? dir : null };
}

/** Without a folder to try an engine in, it can still be found that the engine is not set up or not installed. */
function refuserOf(fault: TaskError): ExamineEngine {
  return async (engine, signal) => {
    const health = await engine.check(signal);
    return health.state === 'ready' ? { ...health, state: 'sick', note: fault.message } : health;
  };
}
