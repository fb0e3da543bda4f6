import { TaskError } from '../base/errors.ts';
import type { Engine } from '../engines/engine.ts';
import type { FindLanguage, Language } from '../lexicon/language.ts';
import type { TaskInput } from './stage.ts';

export interface Resources {
  readonly language: Language;
  readonly engine: Engine;
  /** Engines that can guess pronunciations for the language, to be asked in this order. Empty: nobody can. */
  readonly guessers: readonly Engine[];
}

/**
 * The language and engine that a row names.
 * @throws TaskError E_LANGUAGE_UNKNOWN, E_LANGUAGE_BROKEN, E_ENGINE_UNKNOWN
 */
export async function chooseResources(
  task: Pick<TaskInput, 'lang' | 'engine'>,
  findLanguage: FindLanguage,
  engines: ReadonlyMap<string, Engine>,
): Promise<Resources> {
  const language = await findLanguage(task.lang);
  const wanted = task.engine ?? language.engine;
  const engine = engines.get(wanted);
  if (engine === undefined) {
    throw new TaskError(
      'E_ENGINE_UNKNOWN',
      `engine ${JSON.stringify(wanted)} is not known; expected ${language.engine}, the engine of ${language.code}. Known: ${[...engines.keys()].join(', ')}`,
    );
  }
  if (wanted !== language.engine) {
    throw new TaskError(
      'E_ENGINE_UNKNOWN',
      `language ${language.code} is made for engine ${language.engine}, the task asks for ${wanted}: leave the engine empty`,
    );
  }
  return { language, engine, guessers: findGuessers(language, engine, engines) };
}

/** The engine itself; where it has no such program, any that has: models of FAVE's and FASE's languages are MFA's. */
function findGuessers(
  { g2pModelPath = null }: Language,
  engine: Engine,
  engines: ReadonlyMap<string, Engine>,
): Engine[] {
  if (g2pModelPath === null) return [];
  if (engine.pronounce !== undefined) return [engine];
  return [...engines.values()].filter((other) => other.pronounce !== undefined);
}
