import type { InPieces } from '../../base/pieces.ts';
import type { Parts } from './parts.ts';

/** An escaped character (ECMA-376 part 1, 22.9.2.19): one that XML cannot hold, or `_` before a text like an escape. */
const ESCAPED = /_x([0-9A-Fa-f]{4})_/g;

/** Collects the text of a cell, whose parts may have different formats. Readings above Japanese words are left out. */
export class RichText {
  #text = '';
  #isText = false;
  #isPhonetic = false;

  open(name: string): void {
    if (name === 'si' || name === 'is') this.#text = '';
    if (name === 'rPh') this.#isPhonetic = true;
    this.#isText = name === 't' && !this.#isPhonetic;
  }

  add(text: string): void {
    if (this.#isText) this.#text += text;
  }

  close(name: string): void {
    if (name === 'rPh') this.#isPhonetic = false;
    this.#isText = false;
  }

  get text(): string {
    return readEscapes(this.#text);
  }
}

/** Reads the texts to which cells refer by number. @param part - name of their part; null: the workbook has none */
export function* readStrings(parts: Parts, part: string | null): InPieces<readonly string[]> {
  const strings: string[] = [];
  const rich = new RichText();
  if (part === null) return strings;
  yield* parts.read(part, {
    open: (name) => rich.open(name),
    text: (text) => rich.add(text),
    close: (name) => {
      rich.close(name);
      if (name === 'si') strings.push(rich.text);
    },
  });
  return strings;
}

/** Replaces `_x000D_` and other escapes by their characters. Halves of surrogate pairs stay escaped. */
export function readEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replaceAll(ESCAPED, (whole, digits: string) => {
    const code = Number.parseInt(digits, 16);
    return code >= 0xd800 && code <= 0xdfff ? whole : String.fromCharCode(code);
  });
}
