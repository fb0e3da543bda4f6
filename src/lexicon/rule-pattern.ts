/** A pattern or replacement cannot be used. The message says why. */
export class RulePatternError extends Error {
  override readonly name = 'RulePatternError';
}

/** A token of a pattern, such as a group start, a class, an escape or a character. */
interface Token {
  /** The token in JavaScript's syntax. */
  readonly text: string;
  /** Whether it stands for a single character, and so may begin or end a range of a class. */
  readonly isCharacter: boolean;
  /** Its length in the pattern. */
  readonly length: number;
}

const WORD = '\\p{L}\\p{N}_';
const BOUNDARY = `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;
const NOT_BOUNDARY = `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`;
/** Classes for all scripts, as in Python: JavaScript's `\w` does not match `é`. */
const CLASSES: Readonly<Record<string, string>> = {
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: '\\s',
  S: '\\S',
};
const ASSERTIONS: Readonly<Record<string, string>> = { b: BOUNDARY, B: NOT_BOUNDARY, A: '^', Z: '$' };
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07' };
const CODE_POINT = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/;
const GROUP_START = /^\(\?(?::|=|!|<=|<!|P?<([A-Za-z_]\w*)>)/;
const NAMED_REFERENCE = /^\(\?P=([A-Za-z_]\w*)\)/;
/** Flags that change nothing: all patterns ignore case and are Unicode. */
const IDLE_FLAGS = /^\(\?[iu]+\)/;
/** Limits of a pattern: with a far longer or more nested one, V8 would end the whole process. */
const MAX_PATTERN_CHARS = 4_000;
const MAX_DEPTH = 50;
const REPETITION = /^\{(\d*)(,?)(\d*)\}/;

/**
 * Compiles a regular expression of `_cleanup.txt`, which is in Python's syntax. The result is global and ignores case.
 * @throws RulePatternError
 */
export function compilePattern(source: string): RegExp {
  if (source.length > MAX_PATTERN_CHARS) {
    throw new RulePatternError(
      `a pattern of ${source.length} characters; expected at most ${MAX_PATTERN_CHARS}`,
    );
  }
  let text = '';
  let depth = 0;
  for (let at = 0; at < source.length; ) {
    const token = source[at] === '[' ? readClass(source, at) : readToken(source, at);
    // A token such as `(?i)` or `(?P=name)` also has the closing bracket.
    if (source[at] === '(' && source[at + token.length - 1] !== ')') depth++;
    if (source[at] === ')') depth--;
    if (depth > MAX_DEPTH) throw new RulePatternError(`groups nested more than ${MAX_DEPTH} deep`);
    text += token.text;
    at += token.length;
  }
  try {
    return new RegExp(text, 'giv');
  } catch (thrown) {
    const reason = thrown instanceof Error ? (/: ([^:]*)$/.exec(thrown.message)?.[1] ?? thrown.message) : '';
    throw new RulePatternError(`not a regular expression: ${reason}`);
  }
}

/**
 * Reads an escape such as `\u00A0`, `\x20` or `\t`.
 * @param rest - the text after the backslash
 * @returns null: it is not such an escape
 */
export function readCharacterEscape(
  rest: string,
): { readonly character: string; readonly length: number } | null {
  const control = CONTROLS[rest[0] ?? ''];
  if (control !== undefined) return { character: control, length: 1 };
  const match = CODE_POINT.exec(rest);
  if (match === null) return null;
  const code = Number.parseInt(match[1] ?? match[2] ?? match[3] ?? '', 16);
  if (code > 0x10ffff) throw new RulePatternError(`\\${match[0]} is not a character`);
  return { character: String.fromCodePoint(code), length: match[0].length };
}

function readToken(source: string, at: number): Token {
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if (character === '\\') return readEscape(source, at);
  if (character === '(') return readGroupStart(source.slice(at));
  if (character === '{') return readRepetition(source.slice(at));
  if (character === '.') return { text: '[^\\n]', isCharacter: false, length: 1 };
  if ('^$*+?|)'.includes(character)) return { text: character, isCharacter: false, length: 1 };
  return { text: quoted(character), isCharacter: true, length: character.length };
}

function readEscape(source: string, at: number): Token {
  const rest = source.slice(at + 1);
  const next = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  if (rest === '') throw new RulePatternError('ends in a single "\\"');
  const special = CLASSES[next] ?? ASSERTIONS[next];
  if (special !== undefined) return { text: special, isCharacter: false, length: 2 };
  const group = /^[1-9]\d?/.exec(rest)?.[0];
  if (group !== undefined) return { text: `(?:\\${group})`, isCharacter: false, length: 1 + group.length };
  return readEscapedCharacter(rest, next);
}

function readEscapedCharacter(rest: string, next: string): Token {
  const escaped = readCharacterEscape(rest);
  if (escaped !== null) {
    return { text: quoted(escaped.character), isCharacter: true, length: 1 + escaped.length };
  }
  if (/[A-Za-z0-9]/.test(next)) throw new RulePatternError(`"\\${next}" has no meaning`);
  return { text: quoted(next), isCharacter: true, length: 1 + next.length };
}

function readGroupStart(rest: string): Token {
  if (!rest.startsWith('(?')) return { text: '(', isCharacter: false, length: 1 };
  const flags = IDLE_FLAGS.exec(rest);
  if (flags !== null) return { text: '', isCharacter: false, length: flags[0].length };
  const reference = NAMED_REFERENCE.exec(rest);
  if (reference !== null)
    return { text: `\\k<${reference[1]}>`, isCharacter: false, length: reference[0].length };
  const start = GROUP_START.exec(rest);
  if (start === null) throw new RulePatternError(`"${rest.slice(0, 4)}" is not a group that is known here`);
  return { text: start[0].replace('?P<', '?<'), isCharacter: false, length: start[0].length };
}

/** Reads a repetition such as `{2,5}`. Any other `{` stands for itself. */
function readRepetition(rest: string): Token {
  const match = REPETITION.exec(rest);
  if (match === null || (match[1] === '' && match[3] === '')) {
    return { text: quoted('{'), isCharacter: true, length: 1 };
  }
  const [whole, least, comma, most] = match;
  return { text: `{${least === '' ? '0' : least}${comma}${most}}`, isCharacter: false, length: whole.length };
}

function readClass(source: string, start: number): Token {
  let at = start + 1;
  let text = '[';
  if (source[at] === '^') {
    text += '^';
    at += 1;
  }
  for (let isFirst = true; isFirst || source[at] !== ']'; isFirst = false) {
    if (at >= source.length) throw new RulePatternError('"[" without "]"');
    const item = readClassItem(source, at);
    at += item.length;
    const isRange =
      item.isCharacter && source[at] === '-' && at + 1 < source.length && source[at + 1] !== ']';
    const end = isRange ? readClassItem(source, at + 1) : null;
    if (end?.isCharacter === true) {
      text += `${item.text}-${end.text}`;
      at += 1 + end.length;
    } else {
      text += item.text;
    }
  }
  return { text: `${text}]`, isCharacter: false, length: at + 1 - start };
}

function readClassItem(source: string, at: number): Token {
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if (character !== '\\') return { text: quoted(character), isCharacter: true, length: character.length };
  const rest = source.slice(at + 1);
  const next = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  if (rest === '') throw new RulePatternError('"[" without "]"');
  const special = CLASSES[next];
  if (special !== undefined) return { text: special, isCharacter: false, length: 2 };
  if (next === 'b') return { text: '\\x08', isCharacter: true, length: 2 };
  return readEscapedCharacter(rest, next);
}

/** A pattern that matches one character, inside and outside of classes. */
function quoted(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return /[\p{L}\p{N}]/u.test(character) ? character : `\\u{${code.toString(16)}}`;
}
