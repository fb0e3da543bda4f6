import { createEngines, type EngineSite, languageSources } from '../engines/registry.ts';
import type { Language } from '../lexicon/language.ts';
import { loadLanguage } from '../lexicon/load-languages.ts';
import { type PhoneRow, tabulatePhones } from '../lexicon/phone-table.ts';

export interface LanguagePhones {
  readonly language: Language;
  readonly phones: readonly PhoneRow[];
}

/**
 * The phones of a language, as it is on disk now. Needs neither a database nor a working engine.
 * @throws TaskError E_LANGUAGE_UNKNOWN, E_LANGUAGE_BROKEN, E_CONFIG
 */
export async function describePhones(
  code: string,
  site: { readonly adminDir: string | null; readonly engines: EngineSite },
): Promise<LanguagePhones> {
  const language = await loadLanguage(code, languageSources(site.adminDir, createEngines(site.engines)));
  return { language, phones: await tabulatePhones(language) };
}
