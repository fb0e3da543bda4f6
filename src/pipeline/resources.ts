import { TaskError } from '../base/errors.ts';
import type { Engine, EngineContext } from '../engines/engine.ts';
import type { FindLanguage, Language, Pronunciation } from '../lexicon/language.ts';
import { parseLanguageCode } from '../lexicon/language-code.ts';
import type { TaskInput } from './stage.ts';

export interface Resources {
  readonly language: Language;
  readonly engine: Engine;
  /** Engines that can guess pronunciations for the language, in the order in which they are asked. */
  readonly guessers: readonly Guesser[];
  /** Cuts utterances for an engine that cannot leave out words; null: there is none, or none is needed. */
  readonly cutter: Cutter | null;
}

export interface Cutter {
  readonly engine: Engine;
  /** The task's language as this engine has it, or another language. */
  readonly language: Language;
  /** Whether it is another language. */
  readonly isForeign: boolean;
}

export interface Guesser {
  /** Name of the engine. */
  readonly name: string;
  readonly pronounce: (words: readonly string[], context: EngineContext) => Promise<Pronunciation[]>;
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
  const guessers = findGuessers(language, engine, engines);
  return { language, engine, guessers, cutter: findCutter(language, engine, engines) };
}

/** Of the models of other languages, the one that finds the most words (docs/decisions/0023). */
const FOREIGN = 'fra';

/** The country does not count: a model of another accent still finds the words. */
function findCutter(language: Language, engine: Engine, engines: ReadonlyMap<string, Engine>): Cutter | null {
  if (engine.leavesOut === true) return null;
  const cutters = [...engines.values()].filter(({ leavesOut }) => leavesOut === true);
  const find = (spoken: string | undefined, isForeign: boolean): Cutter[] =>
    cutters.flatMap((one) =>
      one.builtInLanguages
        .filter(({ code }) => parseLanguageCode(code)?.language === spoken)
        .map((own) => ({ engine: one, language: own, isForeign })),
    );
  return find(parseLanguageCode(language.code)?.language, false)[0] ?? find(FOREIGN, true)[0] ?? null;
}

/**
 * First the engine itself, by the language's model. If the engine has no program for models, all engines that have one:
 * the models of FAVE's and FASE's languages are MFA's. Last the engine's own rules, if it has some.
 */
function findGuessers(language: Language, engine: Engine, engines: ReadonlyMap<string, Engine>): Guesser[] {
  const guessers: Guesser[] = [];
  if ((language.g2pModelPath ?? null) !== null) {
    for (const one of engine.pronounce === undefined ? engines.values() : [engine]) {
      const { name, pronounce } = one;
      if (pronounce === undefined) continue;
      guessers.push({
        name,
        pronounce: async (words, context) => pronounce.call(one, words, language, context),
      });
    }
  }
  const { name, pronounceByRules } = engine;
  if (pronounceByRules !== undefined) guessers.push({ name, pronounce: pronounceByRules.bind(engine) });
  return guessers;
}
