import type { Warning } from '../../base/errors.ts';
import { findingAt, type Place } from '../../base/finding.ts';
import { limitText } from '../../base/storable-text.ts';
import type { FoundMarker } from '../../lexicon/words.ts';

/** How many markers of each use are named one by one. */
const MAX_NAMED = 10;
const MAX_NAME_CHARS = 60;

/** Counts the markers of one transcript, for one warning about them, and one about those that may be a mistake. */
export class MarkerTally {
  readonly #counts: Record<FoundMarker['use'], Map<string, number>> = {
    'left out': new Map(),
    'unknown sound': new Map(),
    words: new Map(),
    'half marked': new Map(),
  };
  #first: Place | null = null;
  #firstHalf: Place | null = null;

  add(markers: readonly FoundMarker[], place: Place): void {
    for (const { text, use } of markers) {
      if (use === 'half marked') this.#firstHalf ??= place;
      else this.#first ??= place;
      const name = limitText(text.replaceAll(/\s+/g, ' '), MAX_NAME_CHARS);
      this.#counts[use].set(name, (this.#counts[use].get(name) ?? 0) + 1);
    }
  }

  /** W_MARKERS at the first place of each of the two kinds; nothing when there was no marker. */
  warnings(): Warning[] {
    const parts = [
      describe(this.#counts['left out'], 'left out, as no speech'),
      describe(this.#counts['unknown sound'], 'aligned as unknown sound'),
      describe(this.#counts.words, 'aligned as words, although in brackets'),
    ].filter((part) => part !== '');
    return [
      ...warn(
        this.#first,
        `markers from here on: ${parts.join('; ')}`,
        'The trans tier has them all; write a word that is spoken without brackets.',
      ),
      ...warn(
        this.#firstHalf,
        `half a marker? From here on ${describe(this.#counts['half marked'], 'aligned as words')}`,
        'Close the bracket, or use square ones, if no word is spoken there; otherwise write it without them.',
      ),
    ];
  }
}

function warn(first: Place | null, what: string, fix: string): Warning[] {
  return first === null ? [] : [findingAt('W_MARKERS', first, `${what}. ${fix}`)];
}

function describe(counts: ReadonlyMap<string, number>, use: string): string {
  if (counts.size === 0) return '';
  const named = [...counts]
    .slice(0, MAX_NAMED)
    .map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
  const rest = counts.size - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} others` : ''} ${use}`;
}
