import type { InPieces } from '../../base/pieces.ts';
import { readXml } from '../xml.ts';
import type { XmlElement, XmlHandler, XmlText } from '../xml-handler.ts';
import { toId } from './ids.ts';
import type { NextIds } from './xml-write.ts';

/** Where new elements belong in an EAF, and which names and ids it already has. Places are offsets in its text. */
export interface Survey {
  /** Greater than all numbers of ids in the file. */
  readonly nextIds: NextIds;
  readonly tierNames: ReadonlySet<string>;
  readonly typeNames: ReadonlySet<string>;
  readonly stereotypes: ReadonlySet<string>;
  /** The place after the last element of a name, at any depth; null: there is no such element. */
  readonly endOf: (name: string) => number | null;
  /** The place after each tier, by the name of the tier. */
  readonly tierEnds: ReadonlyMap<string, number>;
  /** The place of the number of the last annotation in the header (`lastUsedAnnotationId`); null: there is none. */
  readonly lastUsedId: { readonly start: number; readonly end: number } | null;
}

/** Surveys an EAF to which tiers will be added. @throws TaskError E_TRANSCRIPT_MALFORMED when it is not XML */
export function* surveyEaf(text: XmlText, file: string): InPieces<Survey> {
  const surveyor = new Surveyor();
  yield* readXml(text, file, surveyor);
  return surveyor;
}

class Surveyor implements XmlHandler, Survey {
  readonly tierNames = new Set<string>();
  readonly typeNames = new Set<string>();
  readonly stereotypes = new Set<string>();
  readonly tierEnds = new Map<string, number>();
  lastUsedId: Survey['lastUsedId'] = null;
  readonly #ends = new Map<string, number>();
  #lastAnnotation = 0;
  #lastSlot = 0;
  #tier = '';
  /** Where the text of the property `lastUsedAnnotationId` begins; null: the reader is not there. */
  #idStart: number | null = null;

  get nextIds(): NextIds {
    return { annotation: this.#lastAnnotation + 1, slot: this.#lastSlot + 1 };
  }

  readonly endOf = (name: string): number | null => this.#ends.get(name) ?? null;

  readonly open = ({ name, attributes, end }: XmlElement): void => {
    for (const key in attributes) if (key.endsWith('ID')) this.#count(attributes[key] ?? '');
    switch (name) {
      case 'TIER':
        this.#tier = attributes['TIER_ID'] ?? '';
        this.tierNames.add(this.#tier);
        break;
      case 'LINGUISTIC_TYPE':
        this.typeNames.add(attributes['LINGUISTIC_TYPE_ID'] ?? '');
        break;
      case 'CONSTRAINT':
        this.stereotypes.add(attributes['STEREOTYPE'] ?? '');
        break;
      case 'PROPERTY':
        this.#idStart = attributes['NAME'] === 'lastUsedAnnotationId' ? end : null;
        break;
    }
  };

  readonly text = (text: string): void => {
    const start = this.#idStart;
    this.#idStart = null;
    if (start === null || !/^\d{1,9}$/.test(text)) return;
    this.lastUsedId = { start, end: start + text.length };
    this.#lastAnnotation = Math.max(this.#lastAnnotation, Number(text));
  };

  readonly close = (name: string, end: number): void => {
    this.#ends.set(name, end);
    if (name === 'TIER') this.tierEnds.set(this.#tier, end);
    this.#idStart = null;
  };

  /** Counts the id of any element: ids of all kinds must differ from each other. */
  #count(id: string): void {
    const annotation = toId(id, 'a');
    if (typeof annotation === 'number') this.#lastAnnotation = Math.max(this.#lastAnnotation, annotation);
    const slot = toId(id, 'ts');
    if (typeof slot === 'number') this.#lastSlot = Math.max(this.#lastSlot, slot);
  }
}
