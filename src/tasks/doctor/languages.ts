import { messageOf } from '../../base/errors.ts';
import { visibleLine } from '../../base/visible-text.ts';
import type { EngineHealth } from '../../engines/engine.ts';
import { isZipFile } from '../../engines/mfa/model.ts';
import { readPronunciations } from '../../lexicon/dictionary.ts';
import { LANGS_FILE } from '../../lexicon/langs.ts';
import type { Language } from '../../lexicon/language.ts';
import type { Languages } from '../../lexicon/load-languages.ts';
import { type Check, checker } from './check.ts';

const check = checker('languages');
const NO_WORDS: ReadonlySet<string> = new Set();

/**
 * Every language: that it can be run, or all that keeps it from it, with file and line; then what is odd in the folders.
 * Reads all dictionaries, a tenth of a second for each of the large ones.
 */
export async function checkLanguages(
  { languages, broken, faults, warnings, future }: Languages,
  health: ReadonlyMap<string, EngineHealth>,
): Promise<Check[]> {
  const usable = [...languages.values()].map(({ code, displayName, engine, alphabet }) => {
    const found = `${displayName}, phones in ${alphabet}`;
    return health.get(engine)?.state === 'ready'
      ? check('ok', code, found)
      : check('warn', code, `${found}; its engine ${engine} is not ready here`);
  });
  const ofList = faults.filter(({ file }) => file === LANGS_FILE);
  const unusable = [...broken].map(([code, all]) => {
    const own = all.filter(({ file }) => file !== LANGS_FILE).map(({ message }) => visibleLine(message));
    return check(
      'wrong',
      code,
      own.length > 0 ? own.join('\n') : `cannot be run until ${LANGS_FILE} is mended`,
    );
  });
  const contents = await Promise.all([...languages.values()].map(checkContents));
  return [
    ...usable,
    ...future.map((code) => check('off', code, 'announced for the future')),
    ...ofList.map(({ message }) => check('wrong', LANGS_FILE, message)),
    ...unusable,
    ...warnings.map(({ message, file = LANGS_FILE }) => check('warn', file.split('/')[0] ?? file, message)),
    ...contents.flat(),
  ];
}

/** What is only looked for when a task starts, so that one would be the first to find out. */
async function checkContents(language: Language): Promise<Check[]> {
  const { code, dictionaryPath, complexDictionaryPath, acousticModelPath, g2pModelPath = null } = language;
  const checks: Check[] = [];
  for (const path of new Set([dictionaryPath, complexDictionaryPath ?? dictionaryPath])) {
    try {
      const { warnings } = await readPronunciations(path, NO_WORDS);
      checks.push(...warnings.map(({ message }) => check('warn', code, `${code}/${message}`)));
    } catch (error) {
      checks.push(check('wrong', code, messageOf(error)));
    }
  }
  for (const path of [acousticModelPath, g2pModelPath]) {
    if (path?.endsWith('.zip') === true && !(await isZipFile(path))) {
      checks.push(check('wrong', code, `${path}: no zip archive`, 'put the model there again'));
    }
  }
  return checks;
}
