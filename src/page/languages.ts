import { addressOf, ask } from './api.ts';
import { createStore } from './store.ts';
import type { Language } from './types.ts';

const RETRY_MS = 5_000;

/** All languages of the site; null: not known yet. */
export const languages = createStore<readonly Language[] | null>(null);

export async function loadLanguages(): Promise<void> {
  try {
    const answer = await ask<{ languages: readonly Language[] }>(addressOf('languages'));
    languages.set(answer.languages);
  } catch {
    setTimeout(loadLanguages, RETRY_MS);
  }
}

/** The name of the language of a code; the code itself if it is not known. */
export function languageName(known: readonly Language[] | null, code: string): string {
  return known?.find((language) => language.code === code)?.name ?? code;
}
