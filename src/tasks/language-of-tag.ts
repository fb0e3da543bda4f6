import { TaskError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { PLAIN_NAME } from '../base/plain-name.ts';
import type { Language } from '../lexicon/language.ts';
import { parseLanguageCode } from '../lexicon/language-code.ts';

const TAG = /^([a-z]{3})(?:-([a-z]{2}))?$/i;

/**
 * Finds the language for a tag of ISO 639-3 and ISO 3166-1, such as `eng-US` or `swe`, or for a code of ours. If
 * several fit, one whose engine a worker has is preferred, then the first one in the list for users.
 * @param isReady - whether a worker has an engine
 * @throws TaskError E_LANGUAGE_UNKNOWN
 */
export function languageOfTag(
  languages: ReadonlyMap<string, Language>,
  isReady: (engine: string) => boolean,
  tag: string,
): Language {
  const known = languages.get(tag);
  if (known !== undefined) return known;
  const [, iso = '', country] = TAG.exec(tag) ?? [];
  const fitting = [...languages.values()].filter(({ code }) => {
    const parts = parseLanguageCode(code);
    return (
      parts?.language === iso.toLowerCase() &&
      (country === undefined || parts.country === country.toUpperCase())
    );
  });
  const rank = ({ engine, priority }: Language) =>
    (isReady(engine) ? 0 : 1e9) + Math.min(priority ?? 1e6, 1e6);
  const [first] = fitting.sort((one, other) => rank(one) - rank(other) || (one.code < other.code ? -1 : 1));
  if (first !== undefined) return first;
  const tags = [...new Set([...languages.keys()].map(toTag))].sort();
  const meant = PLAIN_NAME.test(tag) ? nearest(tag, tags) : null;
  throw new TaskError(
    'E_LANGUAGE_UNKNOWN',
    `no language ${JSON.stringify(tag.slice(0, 100))}${meant === null ? '.' : `; did you mean ${meant}?`} Known: ${tags.join(', ')}`,
  );
}

function toTag(code: string): string {
  const parts = parseLanguageCode(code);
  return parts === null ? code : `${parts.language}-${parts.country}`;
}
