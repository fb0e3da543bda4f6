import { writeCatalogue } from '../db/catalogue.ts';
import type { Db } from '../db/connect.ts';
import type { Engine, EngineHealth } from '../engines/engine.ts';
import { languageSources } from '../engines/registry.ts';
import { parseLanguageCode } from '../lexicon/language-code.ts';
import { type Languages, loadLanguages } from '../lexicon/load-languages.ts';

/** Engines and languages as they were found on this machine. */
export interface Catalogue {
  readonly engines: ReadonlyMap<string, EngineHealth>;
  readonly languages: Languages;
}

/**
 * All languages with all their faults, for those who fix them.
 * @throws TaskError E_CONFIG when `adminDir` cannot be listed
 */
export function readLanguages(
  adminDir: string | null,
  engines: ReadonlyMap<string, Engine>,
): Promise<Languages> {
  return loadLanguages(languageSources(adminDir, engines));
}

/**
 * Writes engines and languages that can be used into the tables `engines` and `languages`, where web applications read
 * them.
 */
export async function noteCatalogue(db: Db, { engines, languages }: Catalogue): Promise<void> {
  const active = [...languages.languages.values()].map(({ code, engine, displayName, alphabet }) => ({
    code,
    engine,
    display_name: displayName,
    alphabet,
    is_active: true,
  }));
  const broken = [...languages.broken.keys()].map((code) => ({
    code,
    engine: parseLanguageCode(code)?.engine ?? '',
    display_name: code,
    alphabet: '',
    is_active: false,
  }));
  const health = [...engines].map(([name, { state, version, note }]) => ({ name, state, version, note }));
  await writeCatalogue(db, health, [...active, ...broken]);
}
