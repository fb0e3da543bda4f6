/** Less than the 255 bytes that a part of a path may have on common file systems: names get endings, such as `_2.TextGrid`. */
export const MAX_PART_BYTES = 200;
/** Forbidden on Windows, or meaning something to a shell, a file manager or an unpacker. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}<>:"|?*\\]/gu;
/** Names of devices on Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/** Makes a part of a path safe on every system. @returns the empty text when nothing is left */
export function safePart(part: string): string {
  const plain = cutToBytes(part.normalize('NFC').replace(UNSAFE, '_'), MAX_PART_BYTES)
    .replace(/[. ]+$/, '')
    .replace(/^\s+/, '');
  if (/^\.*$/.test(plain)) return '';
  return RESERVED.test(plain) ? `_${plain}` : plain;
}

/** The beginning of a text, with at most a given number of bytes of UTF-8, without half characters. */
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

/** Gives each name once, also where upper and lower case are the same. */
export class NamesTaken {
  /** Each name that is taken, with the number for the next one like it. */
  readonly #numbers = new Map<string, number>();

  /** @returns the name itself, or `name_2` and so on when it is taken */
  take(wanted: string): string {
    let number = this.#numbers.get(fold(wanted)) ?? 1;
    let name = number === 1 ? wanted : `${wanted}_${number}`;
    while (this.#numbers.has(fold(name))) name = `${wanted}_${++number}`;
    this.#numbers.set(fold(wanted), number + 1);
    if (name !== wanted) this.#numbers.set(fold(name), 2);
    return name;
  }
}

function fold(name: string): string {
  return name.toUpperCase().toLowerCase().normalize('NFKC');
}
