import type { Fault, Warning } from '../base/errors.ts';
import { nameSome } from '../base/name-some.ts';
import { parseCleanupRules } from './cleanup-rules.ts';
import { FolderFiles } from './folder-files.ts';
import { JsonError, parseJsonWithLines } from './json-lines.ts';
import type { LanguageEntry } from './langs.ts';
import type { Language } from './language.ts';
import type { LanguageCode } from './language-code.ts';
import { parseMarkerRules } from './markers/table.ts';
import { parsePhoneList } from './phone-list.ts';

export interface LanguageFolder {
  /** Null: it has faults, or no dictionary. */
  readonly language: Language | null;
  readonly faults: readonly Fault[];
  /** W_LANGUAGE: about a language that can be used. Empty if `language` is null. */
  readonly warnings: readonly Warning[];
}

/** Languages whose old transcripts are in Windows-1252 if they are not Unicode. */
const LATIN_LANGUAGES = new Set(
  'afr cat dan deu eng est eus fao fin fra gla gle glg ice isl ita ltz nld nno nob nor oci por spa swe'.split(
    ' ',
  ),
);
const MAX_NAMED_PHONES = 10;

/**
 * Reads and checks `ADMIN/<code>/`. Faults are returned, not thrown. A language is broken if it lacks a dictionary, or the
 * acoustic model that its engine needs, or if one of its files has a fault.
 * @param entry - its entry in `langs.json`; null: it has none
 * @param needsModel - whether its engine needs an acoustic model of the language
 */
export async function loadLanguageFolder(
  adminDir: string,
  { code, language, engine }: LanguageCode,
  entry: LanguageEntry | null,
  needsModel: boolean,
): Promise<LanguageFolder> {
  const files = new FolderFiles(adminDir, code);
  const complexToSimple = await readMap(files, `${code}_complex2simple.json`, 'complex', 'simple');
  const dictionaries = await findDictionaries(files, code, complexToSimple ?? new Map());
  const acousticModelPath = await files.find(`${code}.zip`);
  if (acousticModelPath === null && needsModel) {
    files.fault(`${code}.zip`, {}, `missing: ${engine} needs an acoustic model`);
  }
  const examples = new Map<string, string>();
  const ipa = await readMap(files, `${code}_IPA.json`, 'dummy', 'ipa', (phone, { example }) => {
    if (typeof example === 'string' && example.trim() !== '') examples.set(phone, example.trim());
  });
  if (ipa === null)
    files.warn(`${code}_IPA.json`, {}, 'missing: the IPA copy of results keeps the phone labels');
  const phones = await readPhones(files, `${code}_meta.yaml`, complexToSimple);
  const cleanupRules = await readRules(files, `${code}_cleanup.txt`, parseCleanupRules);
  const markerRules = await readRules(files, `${code}_markers.txt`, parseMarkerRules);
  const citation = await files.readProse(`${code}_cite.txt`);
  const guidePath = await files.find(`${code}.pdf`);
  const g2pModelPath = await files.find(`${code}_g2p_model.zip`);
  const { faults, warnings } = files;
  // Faults may cause warnings: the operator should see the faults first.
  if (dictionaries === null || faults.length > 0) return { language: null, faults, warnings: [] };
  return {
    language: {
      code,
      displayName: entry?.displayName ?? code,
      engine,
      alphabet: entry?.alphabet ?? 'phones',
      ...dictionaries,
      acousticModelPath,
      phones,
      complexToSimple: isIdentity(complexToSimple) ? new Map() : (complexToSimple ?? new Map()),
      ipa: ipa ?? new Map(),
      examples,
      citation,
      guidePath,
      cleanupRules,
      markerRules,
      g2pModelPath,
      legacyEncoding: entry?.encoding ?? (LATIN_LANGUAGES.has(language) ? 'windows-1252' : null),
      ...describeEntry(entry),
    },
    faults,
    warnings,
  };
}

async function findDictionaries(
  files: FolderFiles,
  code: string,
  complexToSimple: ReadonlyMap<string, string>,
) {
  const full = await files.find(`${code}.dict`);
  const simple = await files.find(`${code}_simple.dict`);
  if (simple !== null && full !== null) {
    if (complexToSimple.size === 0) {
      files.warn(`${code}_complex2simple.json`, {}, 'missing: results keep the phones of the acoustic model');
    }
    return { dictionaryPath: simple, complexDictionaryPath: full };
  }
  const only = simple ?? full;
  if (only === null) {
    files.fault(`${code}.dict`, {}, `missing, and so is ${code}_simple.dict: a language needs a dictionary`);
    return null;
  }
  const isMapped = only === full && !isIdentity(complexToSimple);
  if (only === simple && !isIdentity(complexToSimple)) {
    files.warn(`${code}.dict`, {}, 'missing: results keep the phones of the acoustic model');
  }
  return { dictionaryPath: only, complexDictionaryPath: isMapped ? only : null };
}

/**
 * Reads a JSON list of objects as a map from one of their members to another. If a key occurs twice, the first one counts.
 * @param onEntry - gets each object that counts, for its other members
 * @returns null: there is no such file, or it is not a list
 */
async function readMap(
  files: FolderFiles,
  name: string,
  keyName: string,
  valueName: string,
  onEntry: (key: string, entry: Record<string, unknown>) => void = () => undefined,
): Promise<ReadonlyMap<string, string> | null> {
  const text = await files.readText(name);
  if (text === null) return null;
  const map = new Map<string, string>();
  try {
    const json = parseJsonWithLines(text);
    if (!Array.isArray(json.value)) {
      files.fault(name, { line: 1 }, 'expected a list');
      return null;
    }
    for (const one of json.value as unknown[]) {
      const line = typeof one === 'object' && one !== null ? json.lineOf(one) : json.lineOf(json.value);
      const entry = Object(one) as Record<string, unknown>;
      const { [keyName]: key, [valueName]: value } = entry;
      if (typeof key !== 'string' || typeof value !== 'string' || key === '') {
        files.fault(name, { line }, `expected an object with the texts "${keyName}" and "${valueName}"`);
        continue;
      }
      const earlier = map.get(key);
      if (earlier === undefined) {
        map.set(key, value);
        onEntry(key, entry);
      } else if (earlier !== value) {
        files.warn(
          name,
          { line },
          `"${key}" is listed again as "${value}"; the first entry, "${earlier}", is used`,
        );
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown;
    files.fault(name, { line: thrown.line, column: thrown.column }, thrown.message);
  }
  return map;
}

async function readPhones(
  files: FolderFiles,
  name: string,
  complexToSimple: ReadonlyMap<string, string> | null,
): Promise<ReadonlySet<string>> {
  const text = await files.readText(name);
  if (text === null) return new Set(complexToSimple?.keys());
  const { phones, problems } = parsePhoneList(text);
  for (const { line, message } of problems) files.fault(name, { line }, message);
  const simple = new Set(complexToSimple?.values());
  const unmapped = phones.filter((phone) => complexToSimple?.has(phone) === false && !simple.has(phone));
  if (unmapped.length > 0) {
    const named = nameSome(unmapped, MAX_NAMED_PHONES, String, ' ');
    files.warn(name, {}, `phones without an entry in the complex2simple file: ${named}`);
  }
  return new Set(phones);
}

async function readRules<Rule>(
  files: FolderFiles,
  name: string,
  parse: (text: string) => {
    readonly rules: readonly Rule[];
    readonly problems: readonly { readonly line: number; readonly message: string }[];
  },
): Promise<readonly Rule[]> {
  const text = await files.readText(name);
  if (text === null) return [];
  const { rules, problems } = parse(text);
  for (const { line, message } of problems) files.fault(name, { line }, message);
  return rules;
}

function describeEntry(entry: LanguageEntry | null) {
  return {
    alternatives: entry?.alternatives ?? [],
    ...(entry === null || entry.type === 'future' ? {} : { type: entry.type }),
    ...(entry?.languageName == null ? {} : { languageName: entry.languageName }),
    ...(entry?.priority == null ? {} : { priority: entry.priority }),
  };
}

function isIdentity(map: ReadonlyMap<string, string> | null): boolean {
  return map === null || [...map].every(([from, to]) => from === to);
}
