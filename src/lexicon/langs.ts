import type { Fault } from '../base/errors.ts';
import { findingAt, type PlaceInText } from '../base/finding.ts';
import { JsonError, parseJsonWithLines } from './json-lines.ts';
import { parseLanguageCode } from './language-code.ts';

/** The entry of a language in `ADMIN/langs.json`. */
export interface LanguageEntry {
  readonly code: string;
  readonly displayName: string;
  readonly languageName: string | null;
  /** `future`: users see it, but it cannot be used yet. */
  readonly type: 'nordic' | 'other' | 'future';
  readonly alphabet: string;
  readonly alternatives: readonly string[];
  readonly priority: number | null;
  /** Encoding of old transcripts, as a name of TextDecoder; null: the usual one of the language. */
  readonly encoding: string | null;
  /** Line of the entry, from 1. */
  readonly line: number;
}

export interface EngineEntry {
  readonly code: string;
  readonly name: string;
  readonly link: string | null;
}

export interface Langs {
  readonly entries: ReadonlyMap<string, LanguageEntry>;
  readonly engines: readonly EngineEntry[];
  /** E_LANGUAGE_BROKEN with its line. An entry with a fault is not in `entries`. */
  readonly faults: readonly Fault[];
}

export const LANGS_FILE = 'langs.json';
const TYPES = ['nordic', 'other', 'future'] as const;
/** A folder of the result has this name, so it has only letters, digits and these signs. */
const ALPHABET = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
/** The folder of the copies in IPA, which an alphabet must not have as its name. */
const IPA_FOLDER = /^ipa$/i;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads `langs.json`: `{"langs": [{"<code>": "<display name>", "type", "alphabet", "language", "alternatives", "priority"}],
 * "ngins": [{"code", "name", "link"}]}`. The key of the display name is the code of the language. `encoding` is optional. The
 * web application may have other keys, which are ignored.
 */
export function parseLangs(text: string): Langs {
  const entries = new Map<string, LanguageEntry>();
  const faults: Fault[] = [];
  const addFault = (at: PlaceInText, text: string): void => {
    faults.push(findingAt('E_LANGUAGE_BROKEN', { file: LANGS_FILE, ...at }, text));
  };
  try {
    const json = parseJsonWithLines(text);
    const root = asObject(json.value);
    if (root === null || !Array.isArray(root['langs'])) {
      addFault({ line: 1 }, 'expected an object with a list "langs"');
      return { entries, engines: [], faults };
    }
    for (const one of root['langs'] as unknown[]) {
      const object = asObject(one);
      const line = object === null ? json.lineOf(root['langs']) : json.lineOf(object);
      const entry = object === null ? 'expected objects in "langs"' : readEntry(object, line);
      if (typeof entry === 'string') addFault({ line }, entry);
      else if (entries.has(entry.code)) addFault({ line }, `${entry.code} is listed twice`);
      else entries.set(entry.code, entry);
    }
    return { entries, engines: readEngines(root['ngins']), faults };
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown;
    addFault({ line: thrown.line, column: thrown.column }, thrown.message);
    return { entries, engines: [], faults };
  }
}

/** @returns the entry, or what is wrong with it */
function readEntry(object: JsonObject, line: number): LanguageEntry | string {
  const codes = Object.keys(object).filter((key) => parseLanguageCode(key)?.code === key);
  const [code] = codes;
  if (code === undefined || codes.length > 1) {
    return `expected one key that is a language code such as "sweSE_MFA1_v020", found ${codes.length}`;
  }
  const displayName = object[code];
  if (typeof displayName !== 'string' || displayName.trim() === '') return `${code}: expected a display name`;
  const type = TYPES.find((one) => one === (object['type'] ?? 'other'));
  if (type === undefined)
    return `${code}: type: expected ${TYPES.join(' | ')}, found ${JSON.stringify(object['type'])}`;
  const alphabet = object['alphabet'];
  if (typeof alphabet !== 'string' || !ALPHABET.test(alphabet)) {
    return `${code}: alphabet: expected the name of a folder such as "ARPAbet", found ${JSON.stringify(alphabet)}`;
  }
  if (IPA_FOLDER.test(alphabet)) {
    return `${code}: alphabet: "${alphabet}" is the folder of the copies in IPA; expected another name, such as "MFA_IPA"`;
  }
  const encoding = object['encoding'] ?? null;
  if (encoding !== null && !isEncoding(encoding))
    return `${code}: encoding: expected a name such as "windows-1252", found ${JSON.stringify(encoding)}`;
  const { alternatives, language, priority } = object;
  return {
    code,
    displayName,
    languageName: typeof language === 'string' ? language : null,
    type,
    alphabet,
    alternatives: Array.isArray(alternatives) ? alternatives.filter((one) => typeof one === 'string') : [],
    priority: typeof priority === 'number' ? priority : null,
    encoding,
    line,
  };
}

function readEngines(value: unknown): EngineEntry[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    const { code, name, link } = asObject(one) ?? {};
    if (typeof code !== 'string' || typeof name !== 'string') return [];
    return [{ code, name, link: typeof link === 'string' ? link : null }];
  });
}

function isEncoding(value: unknown): value is string {
  try {
    return typeof value === 'string' && new TextDecoder(value).encoding !== '';
  } catch {
    return false;
  }
}

function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}
