import { TaskError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Engine } from '../engines/engine.ts';
import type { Language } from '../lexicon/language.ts';
import type { TaskInput } from './stage.ts';

export interface Resources {
  readonly language: Language;
  readonly engine: Engine;
}

/**
 * The language and engine that a row names.
 * @throws TaskError E_LANGUAGE_UNKNOWN, E_ENGINE_UNKNOWN
 */
export function chooseResources(
  task: Pick<TaskInput, 'lang' | 'engine'>,
  languages: ReadonlyMap<string, Language>,
  engines: ReadonlyMap<string, Engine>,
): Resources {
  // An older web application stores a language that it guessed with this mark.
  const code = task.lang.replace(/ \(suggested\)$/, '').trim();
  const language = languages.get(code);
  if (language === undefined) {
    const meant = nearest(code, languages.keys());
    throw new TaskError(
      'E_LANGUAGE_UNKNOWN',
      `language ${JSON.stringify(code)} is not known here; ${meant === null ? '' : `did you mean ${meant}? `}` +
        `Known: ${[...languages.keys()].join(', ')}`,
    );
  }
  const wanted = task.engine ?? language.engine;
  const engine = engines.get(wanted);
  if (engine === undefined) {
    throw new TaskError(
      'E_ENGINE_UNKNOWN',
      `engine ${JSON.stringify(wanted)} is not known; expected ${language.engine}, the engine of ${code}. Known: ${[...engines.keys()].join(', ')}`,
    );
  }
  if (wanted !== language.engine) {
    throw new TaskError(
      'E_ENGINE_UNKNOWN',
      `language ${code} is made for engine ${language.engine}, the task asks for ${wanted}: leave the engine empty`,
    );
  }
  return { language, engine };
}
