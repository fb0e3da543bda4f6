import type { Warning } from '../base/errors.ts';
import { limitText } from '../base/storable-text.ts';
import type { FoundMarker } from '../lexicon/words.ts';

/** Markers named one by one, of each use. */
const MAX_NAMED = 10;
const MAX_NAME_CHARS = 60;

/** Counts the markers of one transcript, so that the user is told of them once. */
export class MarkerTally {
  readonly #file: string;
  readonly #counts: Record<FoundMarker['use'], Map<string, number>> = {
    'left out': new Map(),
    'unknown sound': new Map(),
    words: new Map(),
  };
  #first: { readonly tier: string; readonly interval: number; readonly timeSec: number } | null = null;

  /** @param file - the user's name of the transcript */
  constructor(file: string) {
    this.#file = file;
  }

  add(markers: readonly FoundMarker[], tier: string, interval: number, timeSec: number): void {
    for (const { text, use } of markers) {
      this.#first ??= { tier, interval, timeSec };
      const name = limitText(text.replaceAll(/\s+/g, ' '), MAX_NAME_CHARS);
      this.#counts[use].set(name, (this.#counts[use].get(name) ?? 0) + 1);
    }
  }

  /** W_MARKERS, or nothing when there was no marker. */
  warnings(): Warning[] {
    if (this.#first === null) return [];
    const { tier, interval, timeSec } = this.#first;
    const parts = [
      describe(this.#counts['left out'], 'left out, as no speech'),
      describe(this.#counts['unknown sound'], 'aligned as unknown sound'),
      describe(this.#counts.words, 'aligned as words, although in brackets'),
    ].filter((part) => part !== '');
    const message =
      `${this.#file}: markers: ${parts.join('; ')}. The first is in tier "${tier}" interval ${interval} ` +
      `(${timeSec.toFixed(2)} s). The trans tier has them all; write a word that is spoken without brackets.`;
    return [{ code: 'W_MARKERS', message, file: this.#file, tier, interval, timeSec }];
  }
}

function describe(counts: ReadonlyMap<string, number>, use: string): string {
  if (counts.size === 0) return '';
  const named = [...counts]
    .slice(0, MAX_NAMED)
    .map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
  const rest = counts.size - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} others` : ''} ${use}`;
}
