import { readdir } from 'node:fs/promises';
import { type Fault, messageOf, TaskError, type Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { nearest } from '../base/nearest.ts';
import { FolderFiles } from './folder-files.ts';
import { type EngineEntry, LANGS_FILE, type Langs, parseLangs } from './langs.ts';
import type { Language } from './language.ts';
import { type LanguageCode, parseLanguageCode } from './language-code.ts';
import { type LanguageFolder, loadLanguageFolder } from './language-folder.ts';

export interface LanguageSources {
  /** Folder with `langs.json` and the language folders; null: the site has none. */
  readonly adminDir: string | null;
  /** Languages that come with engines. A folder with the same code replaces one. */
  readonly builtIn: readonly Language[];
  /** Whether all languages of an engine must have an acoustic model. Left out: none must. */
  readonly needsModel?: (engine: string) => boolean;
}

export interface Languages {
  /** The languages that can be used, by code: the built-in ones, then the folders by name. */
  readonly languages: ReadonlyMap<string, Language>;
  /** The faults of languages that cannot be used, by code. */
  readonly broken: ReadonlyMap<string, readonly Fault[]>;
  /** Codes of languages that have the type `future` in `langs.json`. */
  readonly future: readonly string[];
  readonly engines: readonly EngineEntry[];
  /** E_LANGUAGE_BROKEN: all faults, with file (relative to ADMIN) and line. */
  readonly faults: readonly Fault[];
  /** W_LANGUAGE: about languages that can be used. */
  readonly warnings: readonly Warning[];
}

type ListedLanguages = Langs & { readonly warnings: readonly Warning[] };

/**
 * Reads and checks all languages. A broken folder does not affect other languages. Dictionaries and models are not read, only
 * searched for, so this is quick.
 * @throws TaskError E_CONFIG when `adminDir` cannot be listed
 */
export async function loadLanguages(sources: LanguageSources): Promise<Languages> {
  const { adminDir, builtIn } = sources;
  const languages = new Map(builtIn.map((language) => [language.code, language]));
  if (adminDir === null) {
    return { languages, broken: new Map(), future: [], engines: [], faults: [], warnings: [] };
  }
  const langs = await readLangs(adminDir);
  const folders = await listFolders(adminDir);
  const faults: Fault[] = [...langs.faults];
  const warnings: Warning[] = [...langs.warnings];
  const broken = new Map<string, readonly Fault[]>();
  for (const code of folders.values()) {
    if (langs.entries.get(code.code)?.type === 'future') continue;
    const loaded = await loadFolder(adminDir, code, langs, sources);
    faults.push(...loaded.faults.filter((fault) => !faults.includes(fault)));
    warnings.push(...loaded.warnings);
    if (loaded.language === null) broken.set(code.code, loaded.faults);
    else languages.set(code.code, loaded.language);
  }
  for (const { code, type, line } of langs.entries.values()) {
    if (type === 'future' || folders.has(code) || languages.has(code)) continue;
    const fault = describeFolderless(code, line);
    faults.push(fault);
    broken.set(code, [fault]);
  }
  for (const code of broken.keys()) languages.delete(code);
  const future = [...langs.entries.values()].filter(({ type }) => type === 'future').map(({ code }) => code);
  return { languages, broken, future, engines: langs.engines, faults, warnings };
}

/**
 * Reads one language from its folder, so that a change there needs no restart.
 * @param text - the code, as users and applications write it
 * @throws TaskError E_LANGUAGE_UNKNOWN; E_LANGUAGE_BROKEN with all faults of its folder; E_CONFIG
 */
export async function loadLanguage(text: string, sources: LanguageSources): Promise<Language> {
  const code = parseLanguageCode(text);
  const folders = sources.adminDir === null ? null : await listFolders(sources.adminDir);
  const langs = sources.adminDir === null ? null : await readLangs(sources.adminDir);
  const entry = langs?.entries.get(code?.code ?? '');
  if (entry?.type === 'future') {
    throw new TaskError(
      'E_LANGUAGE_UNKNOWN',
      `language "${entry.code}" is announced, but cannot be used yet`,
    );
  }
  if (sources.adminDir !== null && langs !== null && code !== null && folders?.has(code.code) === true) {
    const loaded = await loadFolder(sources.adminDir, code, langs, sources);
    if (loaded.language !== null) return loaded.language;
    const [fault, ...more] = loaded.faults;
    if (fault !== undefined) throw TaskError.ofFaults([fault, ...more]);
  }
  const builtIn = sources.builtIn.find((language) => language.code === (code?.code ?? text));
  if (builtIn !== undefined) return builtIn;
  if (entry !== undefined) throw TaskError.ofFaults([describeFolderless(entry.code, entry.line)]);
  const codes = [
    ...new Set([...sources.builtIn.map((language) => language.code), ...(folders?.keys() ?? [])]),
  ];
  throw new TaskError('E_LANGUAGE_UNKNOWN', describeUnknown(text, codes));
}

async function loadFolder(
  adminDir: string,
  code: LanguageCode,
  langs: ListedLanguages,
  { needsModel }: LanguageSources,
): Promise<LanguageFolder> {
  const entry = langs.entries.get(code.code) ?? null;
  const loaded = await loadLanguageFolder(adminDir, code, entry, needsModel?.(code.engine) ?? false);
  if (entry !== null) return loaded;
  // langs.json is broken, so it may have an entry for this language: its results must not get a wrong folder name.
  if (langs.faults.length > 0)
    return { ...loaded, language: null, faults: [...loaded.faults, ...langs.faults] };
  return { ...loaded, warnings: [...loaded.warnings, describeUnlisted(code.code)] };
}

async function readLangs(adminDir: string): Promise<ListedLanguages> {
  const root = new FolderFiles(adminDir, '.');
  const text = await root.readText(LANGS_FILE);
  if (text !== null) return { ...parseLangs(text), warnings: root.warnings };
  if (root.faults.length === 0) root.warn(LANGS_FILE, {}, 'missing: languages have their codes as names');
  return { entries: new Map(), engines: [], faults: root.faults, warnings: root.warnings };
}

/** The language folders by name. Other folders of ADMIN are ignored. */
async function listFolders(adminDir: string): Promise<ReadonlyMap<string, LanguageCode>> {
  const names = await readdir(adminDir, { withFileTypes: true }).catch((cause: unknown) => {
    const reason = messageOf(cause);
    throw new TaskError('E_CONFIG', `ADMIN: cannot list ${adminDir}: ${reason}`, { cause });
  });
  const folders = new Map<string, LanguageCode>();
  for (const name of names
    .filter((one) => !one.isFile())
    .map((one) => one.name)
    .toSorted()) {
    const code = parseLanguageCode(name);
    if (code?.code === name) folders.set(name, code);
  }
  return folders;
}

function describeUnlisted(code: string): Warning {
  const text = `${code} is not listed, so its code is its name, and results are put in a folder "phones"`;
  return findingAt('W_LANGUAGE', { file: LANGS_FILE }, text);
}

function describeFolderless(code: string, line: number): Fault {
  const text = `${code} has no folder; add it or give it the type "future"`;
  return findingAt('E_LANGUAGE_BROKEN', { file: LANGS_FILE, line }, text);
}

function describeUnknown(text: string, codes: readonly string[]): string {
  const meant = nearest(text, codes);
  if (meant !== null) return `language "${text}" is not known; did you mean "${meant}"?`;
  return `language "${text}" is not known; there are: ${codes.join(', ') || 'none'}`;
}
