const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-fA-F]{1,6}));|&/g;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]$/u;
const LAST_CODE_POINT = 0x10ffff;

/**
 * Replaces the references in a text of XML: the five with names (`&amp;`), and numbers of characters (`&#233;`).
 * @returns null: a reference has another name or form, or a number that is not a character of XML
 */
export function readReferences(text: string): string | null {
  if (!text.includes('&')) return text;
  let isUsual = true;
  const read = text.replace(REFERENCE, (_, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return NAMED[name] ?? '';
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    const character = code <= LAST_CODE_POINT ? String.fromCodePoint(code) : '\0';
    isUsual &&= ALLOWED.test(character);
    return character;
  });
  return isUsual ? read : null;
}
