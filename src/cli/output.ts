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
  /** Whether standard output gets one JSON document and nothing else. */
  readonly json: boolean;
  /** Rewrites commands in a text, see `hintsAt`. */
  readonly hints?: (text: string) => string;
  readonly stdout?: Stdout;
  readonly stderr?: Stderr;
}

/**
 * All that the command line prints goes through here. Control characters in texts are escaped; only a terminal gets colours
 * and redrawn lines.
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
    // hasColors() knows NO_COLOR, FORCE_COLOR and TERM=dumb.
    this.#hasColour = this.isTerminal && stdout.hasColors();
    // The reader of the output has ended, as in `autophon show ... | head`.
    stdout.on('error', () => process.exit());
  }

  get columns(): number {
    return this.#stdout.columns || DEFAULT_COLUMNS;
  }

  /** The width for tables and paragraphs; null: the output is not a terminal, and nothing has to be cut. */
  get width(): number | null {
    return this.isTerminal ? this.columns : null;
  }

  /**
   * Breaks a text into lines of a given width. Its commands are rewritten first, which may make them longer.
   * @param between - what is between two words, where a line may end
   */
  wrap(text: string, width: number, between?: RegExp): string[] {
    return wrap(this.#hints(text), width, between);
  }

  /** Prints a line for people on standard output; with --json, nothing. */
  line(text = ''): void {
    if (this.isJson) return;
    this.#erase();
    this.#stdout.write(`${escapeControls(this.#hints(text))}\n`);
  }

  lines(texts: readonly string[]): void {
    for (const text of texts) this.line(text);
  }

  /** Prints a line on standard error: a warning, an error, or what happens. */
  note(text: string): void {
    this.#erase();
    // `paint` asks standard output only; standard error may be a file, which must not get styles.
    const styled = this.#stderr.isTTY === true ? text : stripVTControlCharacters(text);
    this.#stderr.write(`${escapeControls(this.#hints(styled))}\n`);
  }

  /** Prints the result as one JSON document; without --json, nothing. */
  json(document: object): void {
    if (this.isJson) this.#stdout.write(`${visibleJson(document)}\n`);
  }

  /** Draws a block of lines over the one drawn before, on a terminal only. */
  draw(texts: readonly string[]): void {
    if (!this.isTerminal) return;
    // The cursor moves up by the number of drawn lines. So no line may wrap or break, or scroll off the top.
    const fitting = texts.slice(0, Math.max(1, (this.#stdout.rows || DEFAULT_ROWS) - 1));
    const lines = fitting.map((text) => truncate(singleLine(this.#hints(text)), this.columns - 1));
    this.#stdout.write(`${this.#eraser()}${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawnLines = lines.length;
  }

  /** Leaves the drawn lines: the next line goes below them. */
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

  /** Moves the cursor up to the first drawn line, and clears all below. */
  #eraser(): string {
    return this.#drawnLines === 0 ? '' : `\x1b[${this.#drawnLines}A\r\x1b[J`;
  }
}
