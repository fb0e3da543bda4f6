import { must } from '../base/must.ts';

/** A mistake in a JSON text, with its place. Line and column are counted from 1. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

export interface JsonWithLines {
  readonly value: unknown;
  /** The line where an object or array of `value` begins, from 1. */
  lineOf(node: object): number;
}

const MAX_DEPTH = 64;
const BLANK = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\r\n]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PRIMITIVE = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

/**
 * Reads JSON and keeps the line of each object and array, so that a fault about an entry can name it. JSON.parse gives no such
 * lines, and many of its errors have no position. Objects have no prototype. A byte order mark is accepted.
 * @throws JsonError
 */
export function parseJsonWithLines(text: string): JsonWithLines {
  return new JsonReader(text.replace(/^\uFEFF/, '')).read();
}

class JsonReader {
  readonly #source: string;
  readonly #lineAt: (position: number) => number;
  readonly #lines = new WeakMap<object, number>();
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#lineAt = lineCounter(source);
  }

  read(): JsonWithLines {
    const value = this.#readValue(0);
    this.#take(BLANK);
    if (this.#at < this.#source.length) this.#fail('the end of the file');
    return { value, lineOf: (node) => this.#lines.get(node) ?? 1 };
  }

  #readValue(depth: number): unknown {
    if (depth > MAX_DEPTH) this.#fail('less nesting');
    this.#take(BLANK);
    const line = this.#lineAt(this.#at);
    if (this.#takeSign('[')) return this.#readList(depth, line);
    if (this.#takeSign('{')) return this.#readObject(depth, line);
    const string = this.#takeString();
    if (string !== null) return string;
    const primitive = this.#take(PRIMITIVE);
    return primitive === null ? this.#fail('a value') : JSON.parse(primitive);
  }

  #readList(depth: number, line: number): unknown[] {
    const list: unknown[] = [];
    this.#lines.set(list, line);
    if (this.#takeSign(']')) return list;
    do list.push(this.#readValue(depth + 1));
    while (this.#takeSign(','));
    if (!this.#takeSign(']')) this.#fail('"," or "]"');
    return list;
  }

  #readObject(depth: number, line: number): object {
    const object: Record<string, unknown> = Object.create(null);
    this.#lines.set(object, line);
    if (this.#takeSign('}')) return object;
    do {
      this.#take(BLANK);
      const key = this.#takeString();
      if (key === null) return this.#fail('a name in double quotes');
      if (!this.#takeSign(':')) this.#fail('":"');
      object[key] = this.#readValue(depth + 1);
    } while (this.#takeSign(','));
    if (!this.#takeSign('}')) this.#fail('"," or "}"');
    return object;
  }

  #takeString(): string | null {
    const start = this.#at;
    const quoted = this.#take(STRING);
    if (quoted === null) return null;
    const control = [...quoted].findIndex((character) => character < ' ');
    if (control === -1) return JSON.parse(quoted);
    this.#at = start + control;
    return this.#fail('no control character in a text');
  }

  /** @returns whether the sign comes next; blanks before it are passed over */
  #takeSign(sign: string): boolean {
    this.#take(BLANK);
    if (this.#source[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match === null) return null;
    this.#at += match[0].length;
    return match[0];
  }

  #fail(expected: string): never {
    const before = this.#source.slice(0, this.#at).split('\n');
    const found =
      this.#at >= this.#source.length ? 'the end of the file' : JSON.stringify(this.#source[this.#at]);
    const column = must(before.at(-1), 'a line').length + 1;
    throw new JsonError(`expected ${expected}, found ${found}`, before.length, column);
  }
}

/** Gives the line of a position, from 1. The positions must rise, so that each part of the text is counted once. */
function lineCounter(source: string): (position: number) => number {
  let line = 1;
  let counted = 0;
  return (position) => {
    for (let feed = source.indexOf('\n', counted); feed !== -1 && feed < position; ) {
      line += 1;
      counted = feed + 1;
      feed = source.indexOf('\n', counted);
    }
    return line;
  };
}
