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
  const lines = new WeakMap<object, number>();
  const source = text.replace(/^\uFEFF/, '');
  let at = 0;

  const fail = (expected: string): never => {
    const before = source.slice(0, at).split('\n');
    const found = at >= source.length ? 'the end of the file' : JSON.stringify(source[at]);
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw new JsonError(`expected ${expected}, found ${found}`, before.length, column);
  };
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) return null;
    at += match[0].length;
    return match[0];
  };
  const takeString = (): string | null => {
    const start = at;
    const quoted = take(STRING);
    if (quoted === null) return null;
    const control = [...quoted].findIndex((character) => character < ' ');
    if (control === -1) return JSON.parse(quoted);
    at = start + control;
    return fail('no control character in a text');
  };
  const isNext = (sign: string): boolean => {
    take(BLANK);
    if (source[at] !== sign) return false;
    at += 1;
    return true;
  };
  const lineHere = lineCounter(source);

  const readValue = (depth: number): unknown => {
    if (depth > MAX_DEPTH) fail('less nesting');
    take(BLANK);
    const line = lineHere(at);
    if (isNext('[')) return readList(depth, line);
    if (isNext('{')) return readObject(depth, line);
    const string = takeString();
    if (string !== null) return string;
    const primitive = take(PRIMITIVE);
    return primitive === null ? fail('a value') : JSON.parse(primitive);
  };
  const readList = (depth: number, line: number): unknown[] => {
    const list: unknown[] = [];
    lines.set(list, line);
    if (isNext(']')) return list;
    do list.push(readValue(depth + 1));
    while (isNext(','));
    if (!isNext(']')) fail('"," or "]"');
    return list;
  };
  const readObject = (depth: number, line: number): object => {
    const object: Record<string, unknown> = Object.create(null);
    lines.set(object, line);
    if (isNext('}')) return object;
    do {
      take(BLANK);
      const key = takeString();
      if (key === null) return fail('a name in double quotes');
      if (!isNext(':')) fail('":"');
      object[key] = readValue(depth + 1);
    } while (isNext(','));
    if (!isNext('}')) fail('"," or "}"');
    return object;
  };

  const value = readValue(0);
  take(BLANK);
  if (at < source.length) fail('the end of the file');
  return { value, lineOf: (node) => lines.get(node) ?? 1 };
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
