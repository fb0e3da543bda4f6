import type { EngineHealth } from '../../engines/engine.ts';
import type { Languages } from '../../lexicon/load-languages.ts';
import { type Check, checker } from './check.ts';

const check = checker('languages');

/** Every language that can be run, then all that is wrong or odd in the folders, with file and line. */
export function checkLanguages(
  { languages, faults, warnings, future }: Languages,
  health: ReadonlyMap<string, EngineHealth>,
): Check[] {
  return [
    ...[...languages.values()].map(({ code, displayName, engine, alphabet }) => {
      const found = `${displayName}, phones in ${alphabet}`;
      return health.get(engine)?.state === 'ready'
        ? check('ok', code, found)
        : check('warn', code, `${found}; its engine ${engine} is not ready here`);
    }),
    ...future.map((code) => check('off', code, 'announced for the future')),
    ...faults.map(({ message, file }) => check('wrong', file ?? 'ADMIN', message)),
    ...warnings.map(({ message, file }) => check('warn', file ?? 'ADMIN', message)),
  ];
}
