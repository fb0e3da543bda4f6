/** A folder whose path is hidden from users, and the name that is shown instead. */
export interface HiddenFolder {
  readonly path: string;
  /** Such as `UPLOADS`. */
  readonly name: string;
}

/** Shorter paths would be found in other text, too. */
const MIN_CHARS = 4;

/** Replaces the paths of folders by names, in pieces of a text; a piece may begin and end within a path. */
export class FolderHider {
  /** As bytes; the longest first, since one may lie in another. */
  readonly #folders: readonly HiddenFolder[];
  readonly #pattern: RegExp | null;

  constructor(folders: readonly HiddenFolder[]) {
    this.#folders = folders
      .filter(({ path }) => path.length >= MIN_CHARS)
      .map(({ path, name }) => ({ path: toBytes(path), name: toBytes(name) }))
      .sort((a, b) => b.path.length - a.path.length);
    const paths = this.#folders.map(({ path }) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    this.#pattern =
      paths.length === 0 ? null : new RegExp(`(?<![\\w.\\-\\x80-\\xff])(?:${paths.join('|')})`, 'g');
  }

  /** How many bytes before a piece have to be known. */
  get lookBack(): number {
    const [longest] = this.#folders;
    return longest === undefined ? 0 : longest.path.length + 1;
  }

  /**
   * @param bytes - a piece of the text, and what comes before it
   * @param from - where in `bytes` the piece begins
   * @param isLast - whether no text follows, in which a path could continue
   * @returns the text with names, and how many bytes of the piece it replaces
   */
  hide(bytes: Buffer, from: number, isLast: boolean): { readonly text: Buffer; readonly usedBytes: number } {
    const found = bytes.toString('latin1');
    const end = isLast ? found.length : found.length - this.#begunAtEnd(found);
    if (this.#pattern === null || end <= from) {
      return { text: bytes.subarray(from, Math.max(from, end)), usedBytes: Math.max(0, end - from) };
    }
    const parts: string[] = [];
    let done = from;
    for (const { 0: path, index } of found.slice(0, end).matchAll(this.#pattern)) {
      const after = index + path.length;
      if (after <= from) continue;
      if (index >= from) parts.push(found.slice(done, index), this.#nameOf(path));
      done = after;
    }
    parts.push(found.slice(done, end));
    return { text: Buffer.from(parts.join(''), 'latin1'), usedBytes: end - from };
  }

  /** All strings in a document of JSON. */
  hideIn(value: unknown): unknown {
    if (typeof value === 'string') return value.includes('/') ? this.#hideText(value) : value;
    if (Array.isArray(value)) return value.map((one) => this.hideIn(one));
    if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
      return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.hideIn(one)]));
  }

  #hideText(text: string): string {
    return this.hide(Buffer.from(text), 0, true).text.toString();
  }

  /** How many characters at the end may be the beginning of a path. */
  #begunAtEnd(text: string): number {
    let longest = 0;
    for (const { path } of this.#folders) {
      for (let length = Math.min(path.length - 1, text.length); length > longest; length--) {
        if (text.endsWith(path.slice(0, length))) longest = length;
      }
    }
    return longest;
  }

  #nameOf(path: string): string {
    return this.#folders.find((one) => one.path === path)?.name ?? '';
  }
}

/** A character for each byte. */
function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** For operators, and for commands on the server itself. */
export const HIDES_NOTHING = new FolderHider([]);
