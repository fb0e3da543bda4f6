/** White space and control characters. Some programs take some of these for line ends, and no format needs them. */
const BREAKS = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** Puts a label on one line, for formats with one line for each. Empty if it has only blanks and control characters. */
export function onOneLine(text: string): string {
  return text.replace(BREAKS, ' ').trim();
}
