const LINE_END = /\r\n|\r|\n/g;

/** The lines of a text one by one, whatever their ends: a long text is never there twice. */
export class LineReader {
  readonly #text: string;
  #position = 0;
  #next: string | null;
  /** Number of the line that `next` returned last, from 1. */
  number = 0;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  /** @returns null at the end */
  next(): string | null {
    const line = this.#next;
    if (line === null) return null;
    this.number += 1;
    this.#next = this.#read();
    return line;
  }

  /** The line that `next` will return. */
  peek(): string | null {
    return this.#next;
  }

  #read(): string | null {
    if (this.#position > this.#text.length) return null;
    LINE_END.lastIndex = this.#position;
    const end = LINE_END.exec(this.#text);
    const line = this.#text.slice(this.#position, end?.index);
    this.#position = end === null ? this.#text.length + 1 : end.index + end[0].length;
    return line;
  }
}
