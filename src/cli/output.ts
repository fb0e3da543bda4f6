import { displayWidth, escapeControls, truncate } from './terminal-text.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan';

const CODES: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  cyan: '36',
};
const DEFAULT_COLUMNS = 100;

export interface OutputOptions {
  /** One JSON document is all that standard output gets. */
  readonly json: boolean;
}

/**
 * The one door of the command line to its terminal. Whatever is printed is made safe on the way; colour and redrawn
 * lines are for terminals only.
 */
export class Output {
  readonly isJson: boolean;
  /** Whether a person is looking: lines may be redrawn. */
  readonly isTerminal: boolean;
  readonly #hasColour: boolean;
  #drawnLines = 0;

  constructor({ json }: OutputOptions) {
    this.isJson = json;
    this.isTerminal = process.stdout.isTTY && !json;
    // Knows NO_COLOR, FORCE_COLOR and TERM=dumb.
    this.#hasColour = this.isTerminal && process.stdout.hasColors();
    // The reader has gone (`autophon show ... | head`): there is nobody left to tell.
    process.stdout.on('error', () => process.exit());
  }

  get columns(): number {
    return process.stdout.columns ?? DEFAULT_COLUMNS;
  }

  /** A line for people, on standard output. Says nothing with --json. */
  line(text = ''): void {
    if (this.isJson) return;
    this.#erase();
    process.stdout.write(`${escapeControls(text)}\n`);
  }

  lines(texts: readonly string[]): void {
    for (const text of texts) this.line(text);
  }

  /** A line beside the result, on standard error: warnings, errors, what goes on. */
  note(text: string): void {
    this.#erase();
    process.stderr.write(`${escapeControls(text)}\n`);
  }

  /** The result as one JSON document. Says nothing without --json. */
  json(document: object): void {
    if (this.isJson) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  /** Draws a block of lines over the one drawn before. On a terminal only. */
  draw(texts: readonly string[]): void {
    if (!this.isTerminal) return;
    // A line that wraps would count as two when the block is drawn anew.
    const lines = texts.map((text) => truncate(escapeControls(text), this.columns - 1));
    process.stdout.write(`${this.#eraser()}${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawnLines = lines.length;
  }

  /** Leaves what is drawn where it is: the next line goes below. */
  keepDrawn(): void {
    this.#drawnLines = 0;
  }

  paint(text: string, ...styles: readonly Style[]): string {
    if (!this.#hasColour || displayWidth(text) === 0) return text;
    return `${styles.map((style) => `\x1b[${CODES[style]}m`).join('')}${text}\x1b[0m`;
  }

  #erase(): void {
    if (this.#drawnLines > 0) process.stdout.write(this.#eraser());
    this.#drawnLines = 0;
  }

  /** Up to the first drawn line, and all below it cleared. */
  #eraser(): string {
    return this.#drawnLines === 0 ? '' : `\x1b[${this.#drawnLines}A\r\x1b[J`;
  }
}
