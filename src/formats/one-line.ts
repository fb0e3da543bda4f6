/** What some program takes for the end of a line: control characters, which no format needs, are among them. */
const BREAKS = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** A label for a format that gives each one line. Empty if there is nothing in it but blanks and control characters. */
export function onOneLine(text: string): string {
  return text.replace(BREAKS, ' ').trim();
}
