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
import type { Resources } from './resources.ts';

const CHECK_LIMIT_MS = 180_000;

/** Examines an engine with its languages as they are then. One that is broken now is not the engine's fault. */
export function examinerOf({ languages, findLanguage }: Resources, dir: string): ExamineEngine {
  const languagesOf = async (engine: string): Promise<Language[]> => {
    const own = [...languages.values()].filter((language) => language.engine === engine);
    const found = await Promise.allSettled(own.map(({ code }) => findLanguage(code)));
    return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  };
  return (engine, signal) => examineEngine(engine, languagesOf, signal, dir);
}

/** The health of all engines, found at the same time, as a worker finds it; all are sick when TEMP_DIR cannot be used. */
export async function checkEngines(
  config: Config,
  resources: Resources,
  log: Log,
): Promise<ReadonlyMap<string, EngineHealth>> {
  const isMade = !existsSync(config.tempDir);
  const dir = await makeWorkspacesDir(config.tempDir, randomUUID()).catch(toTaskError);
  if (dir instanceof TaskError) {
    const sick = { state: 'sick', version: null, note: dir.message } as const;
    return new Map([...resources.engines.keys()].map((name) => [name, sick]));
  }
  await using _ = {
    [Symbol.asyncDispose]: async () => {
      await rm(dir, { recursive: true, force: true });
      // Left behind, it would belong to the user of this command, and workers could not use it.
      await rmdir(privateDirOf(config.tempDir)).catch(() => undefined);
      if (isMade) await rmdir(config.tempDir).catch(() => undefined);
    },
  };
  const examine = examinerOf(resources, dir);
  const signal = AbortSignal.timeout(CHECK_LIMIT_MS);
  const checked = await Promise.all(
    [...resources.engines].map(async ([name, engine]) => [name, await examine(engine, signal)] as const),
  );
  for (const [name, { state, version, note }] of checked)
    log.debug('engine.checked', { engine: name, state, version, note });
  return new Map(checked);
}
