const ZERO = 0x30;
const MAX_DIGITS = 9;

/**
 * An id in a file. An id as ELAN makes it, such as `a12`, is stored as its number, which takes a tenth of the memory. Any
 * other id is stored as text.
 */
export type EafId = number | string;

/** Converts the text of an id. @param prefix - of ELAN's ids: `a` for annotations, `ts` for time slots */
export function toId(text: string, prefix: 'a' | 'ts'): EafId {
  const digits = text.length - prefix.length;
  if (digits < 1 || digits > MAX_DIGITS || !text.startsWith(prefix)) return text;
  let number = 0;
  for (let at = prefix.length; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    // `a01` and `a1` are different ids.
    if (digit < 0 || digit > 9 || (digit === 0 && at === prefix.length)) return text;
    number = number * 10 + digit;
  }
  return number;
}

/** The text of an id in the file. */
export function fromId(id: EafId, prefix: 'a' | 'ts'): string {
  return typeof id === 'string' ? id : `${prefix}${id}`;
}
