/** For regular expressions: controls except the line feed, and invisible characters that reverse text or break a line. */
export const UNSAFE_CHARACTERS =
  '[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb]|\\p{Surrogate}';

const UNSAFE = new RegExp(`${UNSAFE_CHARACTERS}|\\n`, 'gu');
const UNSAFE_BUT_LINE = new RegExp(UNSAFE_CHARACTERS, 'gu');

/** Text of one line with all characters visible: a user's file name must not forge a line, or reverse the text after it. */
export function visibleLine(text: string): string {
  return text.replace(UNSAFE, showCharacter);
}

/**
 * A value as JSON with all characters visible: invisible ones are escaped, so that programs read the same value.
 */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNSAFE_BUT_LINE, escapeInJson);
}

/** The same on one line, as in a file that has one value on each line. */
export function visibleJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, escapeInJson);
}

function escapeInJson(character: string): string {
  return character.length > 1 ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** An invisible character as an escape: `\x1b`, `\u{202e}`. */
export function showCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}
