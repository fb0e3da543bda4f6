/** A part of a path may have so many bytes on every common file system. */
const MAX_PART_BYTES = 200;
/** Forbidden on Windows, or meaning something to a shell, a file manager or an unpacker. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}<>:"|?*\\]/gu;
/** Names of devices on Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/**
 * Names inside a zip that are safe on every system: no absolute path, no `..`, no control or direction characters,
 * nothing that Windows refuses, and none that fall together where upper and lower case are the same.
 * @param names - paths as the user named them, `/` between folders, without extension
 * @param extensions - of the files of recordings, without the dot: a folder of such a name could not lie beside one
 * @returns one for each, in order
 */
export function safeEntryNames(names: readonly string[], extensions: readonly string[]): string[] {
  const fileEnds = extensions.map((extension) => `.${extension.toLowerCase()}`);
  const isFileLike = (part: string) => fileEnds.some((end) => part.toLowerCase().endsWith(end));
  const taken = new Set<string>();
  return names.map((name) => {
    const parts = name
      .split('/')
      .map(safePart)
      .filter((part) => part !== '')
      .map((part, at, { length }) => (at < length - 1 && isFileLike(part) ? `${part}_` : part));
    const wanted = parts.length === 0 ? 'unnamed' : parts.join('/');
    let candidate = wanted;
    for (let n = 2; taken.has(fold(candidate)); n++) candidate = `${wanted}_${n}`;
    taken.add(fold(candidate));
    return candidate;
  });
}

/** The name of one file, of a text that may hold anything. */
export function safeFileName(text: string): string {
  return safePart(text.replaceAll('/', '_'));
}

function safePart(part: string): string {
  const plain = cutToBytes(part.normalize('NFC').replace(UNSAFE, '_'), MAX_PART_BYTES)
    .replace(/[. ]+$/, '')
    .replace(/^\s+/, '');
  if (/^\.*$/.test(plain)) return '';
  return RESERVED.test(plain) ? `_${plain}` : plain;
}

/** The beginning of a text, so many bytes of UTF-8 at most, no character cut in two. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let kept = '';
  let bytes = 0;
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (bytes > maxBytes) break;
    kept += char;
  }
  return kept;
}

function fold(name: string): string {
  return name.toUpperCase().toLowerCase().normalize('NFKC');
}
