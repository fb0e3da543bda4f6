export interface PhoneList {
  readonly phones: readonly string[];
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

const KEY = /^phones[ \t]*:(.*)$/;
/** One item of a list: in double quotes, in single quotes, or without quotes. */
const ITEM = /"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s,[\]{}"'&*!|>%@`#?:-][^\s,[\]{}]*)/y;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/g;
const BLOCK_ITEM = /^[ \t]*-[ \t]+(.*)$/;
const COMMENT = /^[ \t]*(?:#.*)?$/;

/**
 * Reads `phones: [...]` of a `_meta.yaml`: a list in brackets, on one or more lines, or a list of lines that begin with `- `. The
 * rest of the file is ignored. All items are text, also `no` and `1`, which YAML would read as other values. As in YAML, a phone
 * that begins with a special sign, such as `@`, must be in quotes.
 */
export function parsePhoneList(text: string): PhoneList {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const keyIndex = lines.findIndex((line) => KEY.test(line));
  if (keyIndex === -1) {
    return { phones: [], problems: [{ line: 1, message: 'expected a list "phones: [...]", found none' }] };
  }
  const rest = KEY.exec(lines[keyIndex] ?? '')?.[1] ?? '';
  const below = lines.slice(keyIndex + 1);
  const isBlock =
    COMMENT.test(rest) &&
    !below
      .find((line) => !COMMENT.test(line))
      ?.trimStart()
      .startsWith('[');
  return isBlock ? readBlock(lines, keyIndex + 1) : readFlow([rest, ...below], keyIndex + 1);
}

/** Reads lines such as `- a`, up to a line that is neither an item, nor a comment, nor blank. */
function readBlock(lines: readonly string[], start: number): PhoneList {
  const phones: string[] = [];
  const problems: { line: number; message: string }[] = [];
  for (const [offset, line] of lines.slice(start).entries()) {
    if (COMMENT.test(line)) continue;
    const content = BLOCK_ITEM.exec(line)?.[1];
    if (content === undefined) break;
    const item = readItem(content, 0);
    if (item !== null && COMMENT.test(content.slice(item.end))) phones.push(item.phone);
    else problems.push({ line: start + offset + 1, message: describeBadItem(content) });
  }
  if (phones.length === 0 && problems.length === 0) {
    problems.push({ line: start, message: 'the list "phones" is empty' });
  }
  return { phones, problems };
}

/** Reads `[a, "b", 'c']`, which may have several lines. */
function readFlow(lines: readonly string[], firstLine: number): PhoneList {
  const phones: string[] = [];
  let state: 'start' | 'item' | 'comma' = 'start';
  for (const [offset, line] of lines.entries()) {
    const problem = (message: string) => ({ phones, problems: [{ line: firstLine + offset, message }] });
    for (let at = 0; !COMMENT.test(line.slice(at)); ) {
      const sign = line[at] ?? '';
      if (sign === ' ' || sign === '\t') at += 1;
      else if (state === 'start') {
        if (sign !== '[') return problem('expected "[" after "phones:"');
        state = 'item';
        at += 1;
      } else if (sign === ']') {
        return phones.length === 0 ? problem('the list "phones" is empty') : { phones, problems: [] };
      } else if (state === 'comma') {
        if (sign !== ',') return problem(`expected "," or "]", found "${sign}"`);
        state = 'item';
        at += 1;
      } else {
        const item = readItem(line, at);
        if (item === null) return problem(describeBadItem(line.slice(at)));
        phones.push(item.phone);
        state = 'comma';
        at = item.end;
      }
    }
  }
  return { phones, problems: [{ line: firstLine, message: 'the list "phones" has no closing "]"' }] };
}

function readItem(line: string, start: number): { readonly phone: string; readonly end: number } | null {
  ITEM.lastIndex = start;
  const match = ITEM.exec(line);
  if (match === null) return null;
  const [whole, double, single, plain] = match;
  const phone =
    double === undefined ? (single?.replaceAll("''", "'") ?? plain ?? '') : unescapeQuoted(double);
  return phone === '' || /\s/.test(phone) ? null : { phone, end: start + whole.length };
}

function unescapeQuoted(text: string): string {
  return text.replace(ESCAPE, (_, unicode?: string, byte?: string, sign?: string) =>
    sign === undefined ? String.fromCodePoint(Number.parseInt(unicode ?? byte ?? '', 16)) : sign,
  );
}

function describeBadItem(content: string): string {
  return `expected a phone, found ${JSON.stringify(content.trim().slice(0, 20))}; put phones that are not only letters in double quotes`;
}
