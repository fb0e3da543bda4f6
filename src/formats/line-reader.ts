import { indexOrEnd } from './index-or-end.ts';

/** The lines of a text one by one, ended by LF, CR LF or CR: a long text is never there twice. */
export class LineReader {
  readonly #text: string;
  #position = 0;
  /** Where the next of each is; at the end: there is none. They are looked for once, not for each line. */
  #nextLf = -1;
  #nextCr = -1;
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
    const start = this.#position;
    if (start > this.#text.length) return null;
    if (this.#nextLf < start) this.#nextLf = indexOrEnd(this.#text, '\n', start);
    if (this.#nextCr < start) this.#nextCr = indexOrEnd(this.#text, '\r', start);
    const [lf, cr] = [this.#nextLf, this.#nextCr];
    this.#position = (cr + 1 === lf ? lf : Math.min(lf, cr)) + 1;
    return this.#text.slice(start, Math.min(lf, cr));
  }
}
