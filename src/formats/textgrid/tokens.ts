import { TaskError } from '../../base/errors.ts';
import type { Place } from '../../base/finding.ts';

const QUOTE = 0x22;
const EXCLAMATION = 0x21;
const LESS_THAN = 0x3c;
const FOUND_MAX_CHARS = 24;
/** No text matches it in two ways, so that a long text takes time that is linear in its length. */
const NUMBER = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;
/** Praat accepts these as times too: `25%`, `1/3`, `50%/2`. */
const QUOTIENT = /^([^/%]+)(%?)(?:\/([^/%]+)(%?))?$/;
/** The length of the shortest item that a file counts, a point with the blank before it: ` 0 ""`. */
const MIN_CHARS_PER_ITEM = 5;
const FIX = 'correct that place, or open the file in Praat and save it again ("Save as text file...")';

/** Where in a grid a reader is. */
export interface PlaceInGrid extends Pick<Place, 'tier' | 'interval' | 'point'> {
  /** How many intervals or points the tier has, as the file says. */
  readonly of?: number;
}

/** Makes a fault E_TEXTGRID_MALFORMED. @param what - what was expected, and what was found */
export function malformed(at: Place, { of, ...inGrid }: PlaceInGrid, what: string, fix: string): TaskError {
  const declared = of === undefined ? '' : ` (the tier should have ${of}, as the file says)`;
  return new TaskError('E_TEXTGRID_MALFORMED', `${what}${declared}; ${fix}`, {
    place: { ...at, ...inGrid },
  });
}

/**
 * The values in a Praat text file, one after the other. Praat reads only free-standing numbers, texts in double
 * quotes and flags such as `<exists>`. Any other word, and the rest of a line after a free-standing `!`, is a comment.
 * Reading a text takes time that is linear in its length.
 * Source: Praat manual, "TextGrid file formats".
 */
export class PraatTokens {
  /** Gives the place in the grid for a fault. */
  placeInGrid: () => PlaceInGrid = () => ({});
  readonly #text: string;
  readonly #file: string;
  #position: number;

  constructor(text: string, file: string, position: number) {
    this.#text = text;
    this.#file = file;
    this.#position = position;
  }

  /**
   * A number with a decimal point, a percentage or a fraction.
   * @param what - what the value means, for the message
   */
  number(what: string): number {
    const token = this.#numeral(what);
    const value = toNumber(token);
    if (value === null) throw this.#unexpected(`${what} (a number with a decimal point, such as 1.25)`);
    if (!Number.isFinite(value)) throw this.#unexpected(`${what} (a number of seconds)`);
    this.#position += token.length;
    return value;
  }

  /** A count of items. The rest of the text must be long enough for them. */
  count(what: string): number {
    const token = this.#numeral(what);
    const value = NUMBER.test(token) ? Number(token) : Number.NaN;
    const isCount = Number.isSafeInteger(value) && value >= 0;
    const left = this.#text.length - this.#position - token.length;
    if (isCount && value <= left / MIN_CHARS_PER_ITEM) {
      this.#position += token.length;
      return value;
    }
    throw this.#unexpected(
      isCount ? `${what} that fits the length of the file` : `${what} (a whole number, 0 or more)`,
    );
  }

  /** A text in double quotes. As in Praat, two quotes in it become one, and each line end becomes a line feed. */
  string(what: string): string {
    const start = this.#startOfValue();
    if (this.#text.charCodeAt(start) !== QUOTE) throw this.#unexpected(`${what} (a text in double quotes)`);
    let hasDoubled = false;
    let close = this.#text.indexOf('"', start + 1);
    while (close >= 0 && this.#text.charCodeAt(close + 1) === QUOTE) {
      hasDoubled = true;
      close = this.#text.indexOf('"', close + 2);
    }
    if (close < 0) throw this.#fault(start, `a closing quote after ${what}`, 'the end of the file');
    const after = this.#text.charCodeAt(close + 1);
    if (close + 1 < this.#text.length && !isSpace(after)) {
      const found = `${JSON.stringify(String.fromCodePoint(this.#text.codePointAt(close + 1) ?? after))} right after a quote`;
      throw this.#fault(close, `a blank or a second quote after the one that ends ${what}`, found);
    }
    this.#position = close + 1;
    const raw = this.#text.slice(start + 1, close);
    const text = hasDoubled ? raw.replaceAll('""', '"') : raw;
    return text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text;
  }

  /** A word in angle brackets, such as `<exists>`; returned without them. */
  flag(what: string, allowed: readonly string[]): string {
    const start = this.#startOfValue();
    const close = this.#text.slice(start, this.#endOfWord(start)).indexOf('>');
    const flag = close < 0 ? '' : this.#text.slice(start + 1, start + close);
    const isFlag = this.#text.charCodeAt(start) === LESS_THAN && allowed.includes(flag);
    if (!isFlag) throw this.#unexpected(`${what} (${allowed.map((name) => `<${name}>`).join(' or ')})`);
    this.#position = start + close + 1;
    return flag;
  }

  /** Makes a fault about the value that was read last. */
  refused(expected: string, found: string): TaskError {
    return this.#fault(this.#position - 1, expected, found);
  }

  /** Whether no value is left. */
  isAtEnd(): boolean {
    return this.#startOfValue() >= this.#text.length;
  }

  /** The next word, which must begin like a number. The position stays at its start. */
  #numeral(what: string): string {
    const start = this.#startOfValue();
    const code = this.#text.charCodeAt(start);
    if (!isNumberStart(code, this.#text.charCodeAt(start + 1))) throw this.#unexpected(`${what} (a number)`);
    return this.#text.slice(start, this.#endOfWord(start));
  }

  /** Skips comments. @returns the position of the next value, or the end of the text */
  #startOfValue(): number {
    const text = this.#text;
    let position = this.#position;
    while (position < text.length) {
      const code = text.charCodeAt(position);
      if (isSpace(code)) {
        position++;
      } else if (code === EXCLAMATION) {
        while (position < text.length && !isLineEnd(text.charCodeAt(position))) position++;
      } else if (code === QUOTE || code === LESS_THAN || isNumberStart(code, text.charCodeAt(position + 1))) {
        break;
      } else {
        position = this.#endOfWord(position);
      }
    }
    this.#position = position;
    return position;
  }

  #endOfWord(start: number): number {
    let end = start;
    while (end < this.#text.length && !isSpace(this.#text.charCodeAt(end))) end++;
    return end;
  }

  #unexpected(expected: string): TaskError {
    const start = this.#startOfValue();
    if (start >= this.#text.length) return this.#fault(start, expected, 'the end of the file');
    if (this.#text.charCodeAt(start) === QUOTE) return this.#fault(start, expected, 'a text in quotes');
    return this.#fault(start, expected, shorten(this.#text.slice(start, this.#endOfWord(start))));
  }

  #fault(offset: number, expected: string, found: string): TaskError {
    const at = { file: this.#file, line: lineOf(this.#text, offset) };
    return malformed(at, this.placeInGrid(), `expected ${expected}, found ${found}`, FIX);
  }
}

/** @returns null when the word is not a number */
function toNumber(token: string): number | null {
  if (NUMBER.test(token)) return Number(token);
  const [, above = '', aboveSign, below = '1', belowSign = ''] = QUOTIENT.exec(token) ?? [];
  if (!NUMBER.test(above) || !NUMBER.test(below)) return null;
  return part(above, aboveSign) / part(below, belowSign);
}

function part(digits: string, sign: string | undefined): number {
  return sign === '%' ? Number(digits) / 100 : Number(digits);
}

/** A text that was found, in quotes and shortened, for a message. */
export function shorten(found: string): string {
  return JSON.stringify(found.length > FOUND_MAX_CHARS ? `${found.slice(0, FOUND_MAX_CHARS)}...` : found);
}

/** The number of the line, from 1, at an offset in a text. A line ends in LF, CR LF or CR. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = 0; at < offset; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) line++;
  }
  return line;
}

/** Also true for `.5`, which is then refused: Praat skips it as a comment, and reads the next number in its place. */
function isNumberStart(code: number, next: number): boolean {
  return (
    isDigit(code) ||
    code === 0x2d ||
    (code === 0x2b && !isSpaceOrEnd(next)) ||
    (code === 0x2e && isDigit(next))
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

function isSpaceOrEnd(code: number): boolean {
  return Number.isNaN(code) || isSpace(code);
}

function isSpace(code: number): boolean {
  if (code < 0x85) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}
