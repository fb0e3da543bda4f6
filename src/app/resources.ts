import { formatFinding } from '../base/finding.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import type { Engine } from '../engines/engine.ts';
import { createEngines, languageSources } from '../engines/registry.ts';
import type { FindLanguage, Language } from '../lexicon/language.ts';
import { loadLanguage, loadLanguages } from '../lexicon/load-languages.ts';
import { createAudioDecoder, type DecodeAudio } from '../pipeline/prepare/decode-audio.ts';

export interface SiteResources {
  readonly engines: ReadonlyMap<string, Engine>;
  /** As they were when this was loaded. */
  readonly languages: ReadonlyMap<string, Language>;
  readonly findLanguage: FindLanguage;
  readonly decodeAudio: DecodeAudio;
}

/** Engines and languages as configured. Faults of a language folder are logged; the others stay usable. */
export async function loadResources(config: Config, log: Log): Promise<SiteResources> {
  const engines = createEngines(config.engines);
  const sources = languageSources(config.adminDir, engines);
  const { languages, faults } = await loadLanguages(sources);
  for (const fault of faults) log.warn('language.fault', { code: fault.code, message: formatFinding(fault) });
  return {
    engines,
    languages,
    findLanguage: (code) => loadLanguage(code, sources),
    decodeAudio: createAudioDecoder(config.engines),
  };
}
