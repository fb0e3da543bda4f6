import type { Warning } from '../../base/errors.ts';
import { findingAt, formatPlace, type Place } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import { limitText } from '../../base/storable-text.ts';
import type { ShortForm, ShortFormKind } from '../../lexicon/short-forms.ts';

/** How many short forms of a kind are named one by one. */
const MAX_NAMED = 10;
const MAX_NAME_CHARS = 60;
/** How many places are named after the first. */
const MAX_PLACES = 2;

const DESCRIBED: Readonly<Record<ShortFormKind, { readonly title: string; readonly why: string }>> = {
  number: { title: 'numbers', why: 'that are in no dictionary' },
  date: { title: 'dates or times of day', why: 'that are in no dictionary' },
  abbreviation: { title: 'abbreviations', why: 'that are in no dictionary' },
  sign: { title: 'signs that may be spoken', why: 'and are left out' },
};

/** The short forms of one kind. */
interface Kind {
  readonly counts: Map<string, number>;
  /** How many labels have such short forms. */
  placeCount: number;
  readonly places: Place[];
}

/** Counts the short forms of one transcript, for one warning about each kind. */
export class ShortFormTally {
  readonly #kinds = new Map<ShortFormKind, Kind>();

  /** @param shortForms - of one label */
  add(shortForms: readonly ShortForm[], place: Place): void {
    const seen = new Set<ShortFormKind>();
    for (const { kind, text } of shortForms) {
      const own: Kind = this.#kinds.get(kind) ?? { counts: new Map(), placeCount: 0, places: [] };
      this.#kinds.set(kind, own);
      const name = limitText(text, MAX_NAME_CHARS);
      own.counts.set(name, (own.counts.get(name) ?? 0) + 1);
      if (seen.has(kind)) continue;
      seen.add(kind);
      own.placeCount += 1;
      if (own.places.length <= MAX_PLACES) own.places.push(place);
    }
  }

  /** W_SHORT_FORM at the first place of each kind. */
  warnings(): Warning[] {
    return [...this.#kinds].flatMap(([kind, { counts, placeCount, places }]) => {
      const [first, ...others] = places;
      if (first === undefined) return [];
      const { title, why } = DESCRIBED[kind];
      const named = nameSome([...counts], MAX_NAMED, ([text, count]) =>
        count === 1 ? text : `${text} (${count} times)`,
      );
      const more = placeCount - places.length;
      const also = others.length === 0 ? '' : `; also at ${others.map(formatPlace).join(', ')}`;
      const text = `${title} ${why}: ${named}${also}${more > 0 ? ` and ${more} more places` : ''}. Write them in words, as they are spoken.`;
      return [findingAt('W_SHORT_FORM', first, text)];
    });
  }
}
