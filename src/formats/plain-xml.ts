import type { InPieces } from '../base/pieces.ts';
import { indexOrEnd } from './index-or-end.ts';
import { MAX_DEPTH, type PlainCursor, type XmlHandler, type XmlText } from './xml-handler.ts';
import { readReferences } from './xml-references.ts';

/** The complete parser reads a longer tag, and a longer text before a tag. */
const MAX_PLAIN_CHARS = 64 * 1024;
/** How many kinds of tags are tried for the next tag. */
const MAX_FOLLOWERS = 8;
/** How many kinds of tags there may be: each has a pattern. */
const MAX_KINDS = 1_000;
const MAX_ATTRIBUTES = 50;
/** Patterns contain names, and JavaScript refuses patterns that are too long. */
const MAX_NAME_CHARS = 100;
const DECLARATION =
  /<\?xml version=(["'])1\.0\1(?: encoding=(["'])[A-Za-z][\w.-]*\2)?(?: standalone=(["'])(?:yes|no)\3)? ?\?>/y;
const DOCTYPE = /[ \t\r\n]*<!DOCTYPE [A-Za-z]+(?: SYSTEM "[\w .:/-]*")?>/y;
/** Characters that XML does not allow, to be written inside `[...]` of a pattern. */
export const FORBIDDEN = '\\0-\\x08\\v\\f\\x0e-\\x1f\\ufffe\\uffff';
/** A text without references. */
const TEXT = new RegExp(`[^<>&${FORBIDDEN}]*`, 'y');
const VALUE = `([^"<&\\t\\r\\n${FORBIDDEN}]*)`;
const NAME = '[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?';
/** Text that may be malformed. The complete parser reads it. */
const NOT_PLAIN = new RegExp(`[${FORBIDDEN}]|\\]\\]>`);
/** A line end of old Macs. */
const RETURN_ALONE = /\r[^\n]/;
const NOT_BLANK = /[^ \t\r\n]/;
const TAG_START = new RegExp(`<(/?)(${NAME})`, 'y');
const ATTRIBUTE = new RegExp(
  `[ \\t\\r\\n]+(${NAME})[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"([^"<]*)"|'([^'<]*)')`,
  'y',
);
const TAG_END = /[ \t\r\n]*(\/?)>/y;

/** Tags with the same form: the same name and the same attributes in the same order. */
interface TagKind {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributeNames: readonly string[];
  /** Its groups are the values of the attributes, and the slash of an empty element. */
  readonly pattern: RegExp;
  /** Kinds of tags that have followed a tag of this kind. */
  readonly followers: TagKind[];
}

/** A tag with the text before it. */
interface Tag {
  readonly kind: TagKind;
  readonly text: string;
  readonly values: readonly string[];
  readonly isEmpty: boolean;
  /** Where the tag begins and ends in the buffer. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads plain XML, which most programs write: tags, attributes, text and the usual references. It stops at anything
 * else, such as a comment, and at anything that may be malformed; then the complete parser has to read the file. It is
 * fast: after a tag, the kinds of tags that followed the same kind before are tried first, and one pattern reads such a
 * tag.
 * @returns how many starts and ends of elements `handler` got, with everything before them; null: the whole file was
 *   read
 */
export function* readPlainXml(text: XmlText, handler: XmlHandler): InPieces<number | null> {
  const reader = new PlainReader(handler);
  for (const piece of text()) {
    if (!reader.read(piece)) return reader.toldCount;
    yield;
  }
  return reader.isComplete() ? null : reader.toldCount;
}

class PlainReader implements PlainCursor {
  readonly #handler: XmlHandler;
  readonly #kinds = new Map<string, TagKind>();
  readonly #open: string[] = [];
  #last: TagKind = newKind('', false, []);
  /** The rest of the earlier pieces, and the last piece. */
  #buffer = '';
  /** The buffer was read up to here. */
  at = 0;
  /** Offset of the buffer in the text. */
  #offset = 0;
  line = 1;
  /** Where the current line begins in the text, and where it ends in the buffer. */
  #lineStart = 0;
  #lineEnd = 0;
  #hasReturns = false;
  #isRootSeen = false;
  toldCount = 0;

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  get openName(): string {
    return this.#open.at(-1) ?? '';
  }

  /** Reads all complete tags of a piece. @returns false: it is not plain */
  read(piece: string): boolean {
    const isFirst = this.#offset === 0 && this.#buffer === '';
    this.#offset += this.at;
    // `join` makes one flat string, which is searched faster than the result of `+`.
    this.#buffer = [this.#buffer.slice(this.at), piece].join('');
    this.at = isFirst ? endOf(DOCTYPE, this.#buffer, endOf(DECLARATION, this.#buffer, 0)) : 0;
    this.#lineEnd = indexOrEnd(this.#buffer, '\n', 0);
    this.#hasReturns = this.#buffer.includes('\r');
    if (this.#hasReturns && RETURN_ALONE.test(this.#buffer)) return false;
    for (let tag = this.#next(); tag !== null; tag = this.#next()) {
      if (!this.#tell(tag)) return false;
      this.#letReadAhead();
    }
    this.#countLines(this.at);
    const start = this.#buffer.indexOf('<', this.at);
    const isCut = start < 0 || !this.#buffer.includes('>', start);
    return isCut && this.#buffer.length - this.at <= MAX_PLAIN_CHARS;
  }

  isComplete(): boolean {
    return this.#isRootSeen && this.#open.length === 0 && !NOT_BLANK.test(this.#buffer.slice(this.at));
  }

  #next(): Tag | null {
    const start = endOf(TEXT, this.#buffer, this.at);
    for (const kind of this.#last.followers) {
      const groups = execAt(kind.pattern, this.#buffer, start);
      if (groups === null) continue;
      const text = this.#withLineFeeds(this.#buffer.slice(this.at, start));
      const isEmpty = groups[kind.attributeNames.length + 1] !== undefined;
      return { kind, text, values: groups, isEmpty, start, end: kind.pattern.lastIndex };
    }
    return this.#readOther();
  }

  /** Reads a tag of any kind; null: the next tag is not plain, or not complete. */
  #readOther(): Tag | null {
    const start = indexOrEnd(this.#buffer, '<', this.at);
    const before = this.#withLineFeeds(this.#buffer.slice(this.at, start));
    // Outside the root element, a reference is malformed, even one for a blank.
    const text = this.#open.length === 0 ? before : readReferences(before);
    const [head, slash, name] = execAt(TAG_START, this.#buffer, start) ?? [];
    if (text === null || head === undefined || name === undefined || name.length > MAX_NAME_CHARS)
      return null;
    const attributeNames: string[] = [];
    const values = [''];
    let at = start + head.length;
    for (;;) {
      const [whole, attribute, quoted, single] = execAt(ATTRIBUTE, this.#buffer, at) ?? [];
      if (whole === undefined || attribute === undefined) break;
      if (attributeNames.length === MAX_ATTRIBUTES || attribute.length > MAX_NAME_CHARS) return null;
      const value = readReferences((quoted ?? single ?? '').replace(/\r\n|[\t\n]/g, ' '));
      if (value === null || attributeNames.includes(attribute) || attribute in {}) return null;
      attributeNames.push(attribute);
      values.push(value);
      at += whole.length;
    }
    const [tail, sign] = execAt(TAG_END, this.#buffer, at) ?? [];
    if (tail === undefined) return null;
    const end = at + tail.length;
    const [isEnd, isEmpty] = [slash !== '', sign !== ''];
    if (isEnd && (isEmpty || attributeNames.length > 0)) return null;
    if (NOT_PLAIN.test(this.#buffer.slice(this.at, end)) || this.#kinds.size > MAX_KINDS) return null;
    return { kind: this.#kindOf(name, isEnd, attributeNames), text, values, isEmpty, start, end };
  }

  #kindOf(name: string, isEnd: boolean, attributeNames: readonly string[]): TagKind {
    const key = [isEnd ? '/' : '', name, ...attributeNames].join(' ');
    const kind = this.#kinds.get(key) ?? newKind(name, isEnd, attributeNames);
    this.#kinds.set(key, kind);
    const { followers } = this.#last;
    if (followers.includes(kind)) return kind;
    if (followers.length === MAX_FOLLOWERS) followers.pop();
    followers.unshift(kind);
    return kind;
  }

  /** Gives a tag to the handler. @returns false: the tag is not allowed here */
  #tell({ kind, text, values, isEmpty, start, end }: Tag): boolean {
    const { name, isEnd, attributeNames } = kind;
    const depth = this.#open.length;
    if (depth === 0 && (NOT_BLANK.test(text) || this.#isRootSeen)) return false;
    if (isEnd ? this.#open[depth - 1] !== name : depth === MAX_DEPTH) return false;
    this.#isRootSeen = true;
    this.#last = kind;
    this.toldCount += isEmpty ? 2 : 1;
    if (depth > 0 && text !== '') this.#handler.text(text);
    this.at = end;
    const endInText = this.#offset + end;
    if (isEnd) {
      this.#open.pop();
      this.#handler.close(name, endInText);
      return true;
    }
    if (!isEmpty) this.#open.push(name);
    this.#countLines(start);
    const attributes: Record<string, string> = {};
    for (let number = 0; number < attributeNames.length; number++)
      attributes[attributeNames[number] ?? ''] = values[number + 1] ?? '';
    const column = this.#offset + start - this.#lineStart + 1;
    this.#handler.open({ name, attributes, line: this.line, column, end: endInText });
    if (isEmpty) this.#handler.close(name, endInText);
    return true;
  }

  #letReadAhead(): void {
    const { at } = this;
    if (this.#handler.readAhead === undefined || this.#open.length === 0 || this.#open.length === MAX_DEPTH)
      return;
    this.#countLines(at);
    this.#handler.readAhead(this.#buffer, this);
    if (this.at === at) return;
    const lineFeed = this.#buffer.lastIndexOf('\n', this.at - 1);
    if (lineFeed >= 0) this.#lineStart = this.#offset + lineFeed + 1;
    this.#lineEnd = indexOrEnd(this.#buffer, '\n', this.at);
  }

  #withLineFeeds(text: string): string {
    return this.#hasReturns ? text.replaceAll('\r\n', '\n') : text;
  }

  #countLines(until: number): void {
    while (this.#lineEnd < until) {
      this.line += 1;
      this.#lineStart = this.#offset + this.#lineEnd + 1;
      this.#lineEnd = indexOrEnd(this.#buffer, '\n', this.#lineEnd + 1);
    }
  }
}

/** A pattern for the beginning of a plain tag, up to its last attribute. Its groups are the values. */
export function tagStart(name: string, attributeNames: readonly string[]): string {
  const attributes = attributeNames.map((attribute) => ` ${escaped(attribute)}="${VALUE}"`).join('');
  return `<${escaped(name)}${attributes}`;
}

function newKind(name: string, isEnd: boolean, attributeNames: readonly string[]): TagKind {
  const tag = isEnd ? `</${escaped(name)}>` : `${tagStart(name, attributeNames)}( ?/)?>`;
  return {
    name: asKey(name),
    isEnd,
    attributeNames: attributeNames.map(asKey),
    pattern: new RegExp(tag, 'y'),
    followers: [],
  };
}

/** A name as a part of a pattern. */
function escaped(name: string): string {
  return name.replaceAll('.', '\\.');
}

/** The same text in the internal form of property names, which V8 compares much faster. */
function asKey(name: string): string {
  return Object.keys({ [name]: null })[0] ?? name;
}

function execAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
