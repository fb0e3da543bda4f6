import { messageOf } from '../../base/errors.ts';
import { formatFinding } from '../../base/finding.ts';
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
 * Every language: that it can be used, or all its faults with file and line; then other findings in the folders. Reads
 * all dictionaries, a tenth of a second for each of the large ones.
 */
export async function checkLanguages(
  { languages, broken, faults, warnings, future }: Languages,
  health: ReadonlyMap<string, EngineHealth>,
): Promise<Check[]> {
  const usable = [...languages.values()].map(({ code, displayName, engine, alphabet }) => {
    const found = `${displayName}, phones in ${alphabet}`;
    const state = health.get(engine)?.state;
    if (state === 'checking') return check('off', code, `${found}; its engine ${engine} was not checked`);
    return state === 'ready'
      ? check('ok', code, found)
      : check('warn', code, `${found}; its engine ${engine} is not ready here`);
  });
  const ofList = faults.filter(({ place }) => place?.file === LANGS_FILE);
  const unusable = [...broken].map(([code, all]) => {
    const own = all.filter(({ place }) => place?.file !== LANGS_FILE).map(formatFinding);
    return check(
      'wrong',
      code,
      own.length > 0 ? own.join('\n') : `cannot be run until ${LANGS_FILE} is fixed`,
    );
  });
  const contents = await Promise.all([...languages.values()].map(checkContents));
  return [
    ...usable,
    ...future.map((code) => check('off', code, 'announced for the future')),
    ...ofList.map((fault) => check('wrong', LANGS_FILE, formatFinding(fault))),
    ...unusable,
    ...warnings.map((warning) => {
      const file = warning.place?.file ?? LANGS_FILE;
      return check('warn', file.split('/')[0] ?? file, formatFinding(warning));
    }),
    ...contents.flat(),
  ];
}

/** Files that are otherwise read only when a task starts, so the task would find the fault first. */
async function checkContents(language: Language): Promise<Check[]> {
  const { code, dictionaryPath, complexDictionaryPath, acousticModelPath, g2pModelPath = null } = language;
  const checks: Check[] = [];
  for (const path of new Set([dictionaryPath, complexDictionaryPath ?? dictionaryPath])) {
    try {
      const { warnings } = await readPronunciations(path, NO_WORDS);
      checks.push(
        ...warnings.map((warning) => {
          const place = { ...warning.place, file: `${code}/${warning.place?.file}` };
          return check('warn', code, formatFinding({ ...warning, place }));
        }),
      );
    } catch (error) {
      checks.push(check('wrong', code, messageOf(error)));
    }
  }
  for (const path of [acousticModelPath, g2pModelPath]) {
    if (path?.endsWith('.zip') === true && !(await isZipFile(path))) {
      checks.push(check('wrong', code, `${path}: not a zip archive`, 'put the model there again'));
    }
  }
  return checks;
}
