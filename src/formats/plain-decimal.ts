const POINT = 0x2e;
const ZERO = 0x30;
/**
 * A whole number of up to 15 digits is exact in JavaScript, and dividing it by a power of ten gives the nearest number.
 */
const MAX_CHARS = 15;

/**
 * Reads a number in the form that nearly all times have: digits, and at most one point between them. The result is that of
 * `Number`, but several times faster.
 * @param end - index of the character after the number
 * @returns NaN: it has another form, or more than 15 characters
 */
export function readPlainDecimal(text: string, start = 0, end = text.length): number {
  const length = end - start;
  if (length === 0 || length > MAX_CHARS) return Number.NaN;
  let value = 0;
  /** The value is divided by this at the end; 0: no point was found yet. */
  let divisor = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      divisor *= 10;
    } else if (code === POINT && divisor === 0 && at > start && at < end - 1) divisor = 1;
    else return Number.NaN;
  }
  return divisor === 0 ? value : value / divisor;
}
