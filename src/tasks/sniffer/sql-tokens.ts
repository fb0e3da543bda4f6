/** A piece of a dump of MySQL. */
export interface SqlToken {
  /** `text`: in quotes; `name`: in backticks; `word`: anything else, such as a number; `sign`: one of `( ) , ; =`. */
  readonly kind: 'text' | 'name' | 'word' | 'sign';
  readonly value: string;
  /** Line where it begins, from 1. */
  readonly line: number;
}

const BLANK = /\s*/y;
const WORD = /[^\s,()'"`;=]+/y;
const SIGNS = '(),;=';
/** The meaning of `\` and the next character; any other character stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
};

/**
 * Divides the text of a dump into tokens while it arrives. Comments are left out, those that only some versions of MySQL
 * run (`/*!40000 ... *\/`) too.
 */
export class SqlTokens {
  #text = '';
  #at = 0;
  #line = 1;
  /** End of the current line; found once, since a line may be as long as the table. */
  #lineEnd = -1;
  #hasEnded = false;

  /** Line that is read next. */
  get line(): number {
    return this.#line;
  }

  /** Characters that wait for the end of their token. */
  get waiting(): number {
    return this.#text.length - this.#at;
  }

  add(text: string): void {
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
    this.#lineEnd = this.#endOfLine(0);
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** @returns null: more text is needed, or all was read */
  next(): SqlToken | null {
    while (true) {
      this.#skip(BLANK);
      if (this.#at >= this.#text.length) return null;
      const end = this.#commentEnd();
      if (end === null) return this.#token();
      if (end < 0) return null;
      this.#moveTo(end);
    }
  }

  /** @returns the end of the comment that begins here; -1: more text is needed; null: no comment begins here */
  #commentEnd(): number | null {
    const first = this.#text[this.#at];
    if (first !== '-' && first !== '#' && first !== '/') return null;
    if (this.#waitsFor(3)) return -1;
    const begins = this.#text.slice(this.#at, this.#at + 3);
    if (begins.startsWith('/*')) return this.#after('*/', 2) ?? -1;
    if (first !== '#' && !/^--\s/.test(begins) && begins !== '--') return null;
    return this.#after('\n', 0) ?? (this.#hasEnded ? this.#text.length : -1);
  }

  #after(mark: string, offset: number): number | null {
    const found = this.#text.indexOf(mark, this.#at + offset);
    return found < 0 ? null : found + mark.length;
  }

  #token(): SqlToken | null {
    const { line } = this;
    const first = this.#text[this.#at] ?? '';
    if (SIGNS.includes(first)) {
      this.#at++;
      return { kind: 'sign', value: first, line };
    }
    if (first === "'" || first === '"') return this.#quoted(first, 'text', line);
    if (first === '`') return this.#quoted(first, 'name', line);
    WORD.lastIndex = this.#at;
    const [value = ''] = WORD.exec(this.#text) ?? [];
    if (this.#waitsFor(value.length + 1)) return null;
    this.#at += value.length;
    return { kind: 'word', value, line };
  }

  #quoted(quote: string, kind: 'text' | 'name', line: number): SqlToken | null {
    const special = kind === 'name' ? /`/g : quote === "'" ? /['\\]/g : /["\\]/g;
    const parts: string[] = [];
    let from = this.#at + 1;
    special.lastIndex = from;
    for (let found = special.exec(this.#text); found !== null; found = special.exec(this.#text)) {
      const { index } = found;
      const next = this.#text[index + 1];
      // It is not yet known whether a quote is doubled, or which character is escaped.
      if (next === undefined && !(this.#hasEnded && found[0] === quote)) return null;
      parts.push(this.#text.slice(from, index));
      if (found[0] === quote && next !== quote) {
        this.#moveTo(index + 1);
        return { kind, value: parts.join(''), line };
      }
      parts.push(found[0] === quote ? quote : escaped(next ?? ''));
      from = index + 2;
      special.lastIndex = from;
    }
    return null;
  }

  #waitsFor(count: number): boolean {
    return !this.#hasEnded && this.waiting < count;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    this.#moveTo(this.#at + (pattern.exec(this.#text)?.[0].length ?? 0));
  }

  #moveTo(end: number): void {
    for (; this.#lineEnd < end; this.#lineEnd = this.#endOfLine(this.#lineEnd + 1)) this.#line++;
    this.#at = end;
  }

  #endOfLine(from: number): number {
    const found = this.#text.indexOf('\n', from);
    return found < 0 ? Number.POSITIVE_INFINITY : found;
  }
}

/** `%` and `_` keep their `\`, as MySQL has it. */
function escaped(letter: string): string {
  return letter === '%' || letter === '_' ? `\\${letter}` : (ESCAPES[letter] ?? letter);
}
