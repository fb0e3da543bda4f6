import { type Fault, throwFaults } from '../base/errors.ts';
import { findingAt, type PlaceInText } from '../base/finding.ts';
import { limitText } from '../base/storable-text.ts';

/** How many faults are reported: a file of another format has a fault in each line. */
const MAX_FAULTS = 100;
const FOUND_MAX_CHARS = 60;

/** Collects the faults of one transcript, so that all are reported at once. */
export class MalformedLines {
  readonly #file: string;
  readonly #faults: Fault[] = [];
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** @param text - what was expected, what was found, and the fix */
  add(place: PlaceInText, text: string): void {
    this.#count += 1;
    if (this.#count <= MAX_FAULTS)
      this.#faults.push(findingAt('E_TRANSCRIPT_MALFORMED', { file: this.#file, ...place }, text));
  }

  /**
   * Does nothing if there are no faults.
   * @throws TaskError E_TRANSCRIPT_MALFORMED with up to 100; if there are more, the last says how many
   */
  throwAny(): void {
    const text = `${this.#count} faults in all; the first ${MAX_FAULTS - 1} are listed`;
    const isCut = this.#count > MAX_FAULTS;
    throwFaults(
      isCut
        ? [...this.#faults.slice(0, -1), findingAt('E_TRANSCRIPT_MALFORMED', { file: this.#file }, text)]
        : this.#faults,
    );
  }
}

/**
 * Puts a text that was found into quotes for a message, without blanks around it, and shortened to about 60 characters.
 */
export function quoteFound(found: string): string {
  return JSON.stringify(limitText(found.trim(), FOUND_MAX_CHARS));
}
