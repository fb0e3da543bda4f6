import { indexOrEnd } from './index-or-end.ts';

/**
 * Gives the lines of a text one by one, so that the memory never has a long text twice. Lines end with LF, CR LF or CR.
 */
export class LineReader {
  readonly #text: string;
  #position = 0;
  /**
   * Index of the next LF and CR; the length of the text if there is none. Each is searched once, not again for each
   * line.
   */
  #nextLf = -1;
  #nextCr = -1;
  #next: string | null;
  /** Number of the line that `next` returned last, from 1; 0 before the first. */
  number = 0;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  /** Moves to the next line. @returns it, without its end; null: there is none */
  next(): string | null {
    const line = this.#next;
    if (line === null) return null;
    this.number += 1;
    this.#next = this.#read();
    return line;
  }

  /** The line that `next` will return; null: there is none. */
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
