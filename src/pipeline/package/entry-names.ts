import { NamesTaken, safePart } from '../../base/safe-names.ts';

/**
 * Names inside a zip that are safe on every system: no absolute path, no `..`, no control or direction characters,
 * nothing that Windows refuses, and no two that differ in upper and lower case only.
 * @param names - paths as the user named them, `/` between folders, without extension
 * @param extensions - of the files of recordings, without the dot: a folder with such a name could clash with a file
 * @returns one for each, in order
 */
export function safeEntryNames(names: readonly string[], extensions: readonly string[]): string[] {
  const fileEnds = extensions.map((extension) => `.${extension.toLowerCase()}`);
  const isFileLike = (part: string) => fileEnds.some((end) => part.toLowerCase().endsWith(end));
  const taken = new NamesTaken();
  return names.map((name) => {
    const parts = name
      .split('/')
      .map(safePart)
      .filter((part) => part !== '')
      .map((part, at, { length }) => (at < length - 1 && isFileLike(part) ? `${part}_` : part));
    return taken.take(parts.length === 0 ? 'unnamed' : parts.join('/'));
  });
}

/** Makes the name of one file from any text. */
export function safeFileName(text: string): string {
  return safePart(text.replaceAll('/', '_'));
}
