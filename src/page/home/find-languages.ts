import type { Language } from '../types.ts';

/**
 * Languages that contain all the words in name, code or engines. Those whose name begins with the first word come
 * first. Accents and capital letters do not count.
 */
export function findLanguages(languages: readonly Language[], typed: string): Language[] {
  const words = plain(typed)
    .split(/\s+/)
    .filter((word) => word !== '');
  const [first] = words;
  const rank = ({ name }: Language): number => (first !== undefined && plain(name).startsWith(first) ? 0 : 1);
  return languages
    .filter((language) => {
      const text = plain([language.name, language.code, ...language.engines].join(' '));
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en'));
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}
