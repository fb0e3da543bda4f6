import { stripVTControlCharacters } from 'node:util';
import { visibleJson } from '../base/visible-text.ts';
import { displayWidth, escapeControls, singleLine, truncate, wrap } from './terminal-text.ts';

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
const DEFAULT_ROWS = 24;

export interface Stdout
  extends Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows' | 'hasColors' | 'write'> {
  on(event: 'error', listener: () => void): unknown;
}
export type Stderr = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

export interface OutputOptions {
  /** One JSON document is all that standard output gets. */
  readonly json: boolean;
  /** Makes commands that a text names fit for the place where it is read. */
  readonly hints?: (text: string) => string;
  readonly stdout?: Stdout;
  readonly stderr?: Stderr;
}

/**
 * The one door of the command line to its terminal. Whatever is printed is made safe on the way; colour and redrawn
 * lines are for terminals only.
 */
export class Output {
  readonly isJson: boolean;
  /** Whether the output is a terminal, where lines may be redrawn. */
  readonly isTerminal: boolean;
  readonly #hasColour: boolean;
  readonly #hints: (text: string) => string;
  readonly #stdout: Stdout;
  readonly #stderr: Stderr;
  #drawnLines = 0;

  constructor(options: OutputOptions) {
    const { json, hints = (text) => text, stdout = process.stdout, stderr = process.stderr } = options;
    this.isJson = json;
    this.#hints = hints;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.isTerminal = stdout.isTTY === true && !json;
    // Knows NO_COLOR, FORCE_COLOR and TERM=dumb.
    this.#hasColour = this.isTerminal && stdout.hasColors();
    // The reader has gone (`autophon show ... | head`): there is no reader left.
    stdout.on('error', () => process.exit());
  }

  get columns(): number {
    return this.#stdout.columns || DEFAULT_COLUMNS;
  }

  /** The width of a table or a paragraph; null: the output is not a terminal, and nothing has to be cut. */
  get width(): number | null {
    return this.isTerminal ? this.columns : null;
  }

  /**
   * Breaks a text into lines of a given width. Commands that it names are written out first: with the folder of the
   * project they are longer.
   * @param between - what stands between words, where a line may end
   */
  wrap(text: string, width: number, between?: RegExp): string[] {
    return wrap(this.#hints(text), width, between);
  }

  /** A line for people, on standard output. Says nothing with --json. */
  line(text = ''): void {
    if (this.isJson) return;
    this.#erase();
    this.#stdout.write(`${escapeControls(this.#hints(text))}\n`);
  }

  lines(texts: readonly string[]): void {
    for (const text of texts) this.line(text);
  }

  /** A line beside the result, on standard error: warnings, errors, what goes on. */
  note(text: string): void {
    this.#erase();
    // Styles are decided by standard output; a file that takes the errors has no use for them.
    const styled = this.#stderr.isTTY === true ? text : stripVTControlCharacters(text);
    this.#stderr.write(`${escapeControls(this.#hints(styled))}\n`);
  }

  /** The result as one JSON document. Says nothing without --json. */
  json(document: object): void {
    if (this.isJson) this.#stdout.write(`${visibleJson(document)}\n`);
  }

  /** Draws a block of lines over the one drawn before. On a terminal only. */
  draw(texts: readonly string[]): void {
    if (!this.isTerminal) return;
    // The cursor moves up by the number of drawn lines. So no line may wrap or break, or scroll off the top.
    const fitting = texts.slice(0, Math.max(1, (this.#stdout.rows || DEFAULT_ROWS) - 1));
    const lines = fitting.map((text) => truncate(singleLine(this.#hints(text)), this.columns - 1));
    this.#stdout.write(`${this.#eraser()}${lines.map((line) => `${line}\n`).join('')}`);
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
    if (this.#drawnLines > 0) this.#stdout.write(this.#eraser());
    this.#drawnLines = 0;
  }

  /** Up to the first drawn line, and all below it cleared. */
  #eraser(): string {
    return this.#drawnLines === 0 ? '' : `\x1b[${this.#drawnLines}A\r\x1b[J`;
  }
}
