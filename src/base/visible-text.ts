/** Controls but the line feed, and those invisible characters that turn text around or break its line: a class. */
export const UNSAFE_CHARACTERS =
  '[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]|\\p{Surrogate}';

const UNSAFE = new RegExp(`${UNSAFE_CHARACTERS}|\\n`, 'gu');
const UNSAFE_IN_TEXT = new RegExp(UNSAFE_CHARACTERS, 'gu');

/** Text of one line, in which everything can be seen: a name of a user must not forge a line, or turn others around. */
export function visibleLine(text: string): string {
  return text.replace(UNSAFE, showCharacter);
}

/** The same for text of several lines. */
export function visibleText(text: string): string {
  return text.replace(UNSAFE_IN_TEXT, showCharacter);
}

/** A character that cannot be seen, as programmers write it: `\x1b`, `\u{202e}`. */
export function showCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}
