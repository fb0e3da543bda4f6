import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Language } from '../../src/lexicon/language.ts';

/** A folder with the given files, by relative path, that is removed at the end of the scope (`await using`). */
export async function tempFolder(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const folder = await mkdtempDisposable(path.join(os.tmpdir(), 'lexicon-test-'));
  for (const [name, content] of Object.entries(files)) {
    const whole = path.join(folder.path, name);
    await mkdir(path.dirname(whole), { recursive: true });
    await writeFile(whole, content);
  }
  return folder;
}

/** A language with only one dictionary, and the given properties. */
export function languageOf(dictionaryPath: string, more: Partial<Language> = {}): Language {
  return {
    code: 'engUS_SPHINX_v010',
    displayName: 'English (US)',
    engine: 'SPHINX',
    alphabet: 'ARPAbet',
    dictionaryPath,
    complexDictionaryPath: null,
    acousticModelPath: null,
    phones: new Set(),
    complexToSimple: new Map(),
    ipa: new Map(),
    citation: null,
    guidePath: null,
    ...more,
  };
}
