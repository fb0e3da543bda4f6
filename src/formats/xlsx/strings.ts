import type { InPieces } from '../../base/pieces.ts';
import type { Parts } from './parts.ts';

/** The escape of a character that XML does not have, or of `_` before a text that looks like such an escape. */
const ESCAPED = /_x([0-9A-Fa-f]{4})_/g;

/** Collects the text of a cell from its runs with different formats, without the readings above Japanese characters. */
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

/** Reads the list of texts to which cells refer by number. @param part - name of the list; null: the workbook has none */
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

export function readEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replaceAll(ESCAPED, (whole, digits: string) => {
    const code = Number.parseInt(digits, 16);
    return code >= 0xd800 && code <= 0xdfff ? whole : String.fromCharCode(code);
  });
}
