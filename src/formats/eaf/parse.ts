import type { InPieces } from '../../base/pieces.ts';
import { type MalformedLines, quoteFound } from '../malformed.ts';
import { linesOf } from '../tiers.ts';
import { readXml } from '../xml.ts';
import type { XmlElement, XmlHandler, XmlText } from '../xml-handler.ts';
import type { EafAnnotation, EafDocument, EafMedium, EafTier } from './document.ts';
import { toId } from './ids.ts';
import { SlotTable } from './slot-table.ts';

const ROOT = 'ANNOTATION_DOCUMENT';
/** How many milliseconds each unit of the schema has. ELAN itself writes only milliseconds. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['milliseconds', 1],
  ['PAL-frames', 40],
  ['NTSC-frames', 1001 / 30],
]);
const TIME = /^\s*-?\d{1,15}(?:\.\d{1,15})?\s*$/;

/**
 * Reads the tiers, annotations, times and media of an EAF, and skips everything else.
 * Source: the schemas of EAF 3.0 and of earlier versions.
 * @param faults - gets everything that is wrong in the EAF; if there is anything, the document must not be used
 * @throws TaskError E_TRANSCRIPT_MALFORMED when the file is not XML, or not an EAF
 */
export function* parseEaf(text: XmlText, file: string, faults: MalformedLines): InPieces<EafDocument> {
  const parser = new EafParser(faults);
  yield* readXml(text, file, parser);
  return parser.finish();
}

type Writable<Thing> = { -readonly [Key in keyof Thing]: Thing[Key] };

class EafParser implements XmlHandler {
  readonly #faults: MalformedLines;
  readonly #media: EafMedium[] = [];
  readonly #slots = new SlotTable();
  readonly #tiers: Writable<EafTier>[] = [];
  readonly #annotations: Writable<EafAnnotation>[] = [];
  #hasVocabularies = false;
  #unitMs = 1;
  #isRoot = true;
  #tier: Writable<EafTier> | null = null;
  #annotation: Writable<EafAnnotation> | null = null;
  #isInValue = false;

  constructor(faults: MalformedLines) {
    this.#faults = faults;
  }

  readonly open = (element: XmlElement): void => {
    if (this.#isRoot && element.name !== ROOT) {
      this.#faults.add(
        linesOf(element),
        `expected an EAF of ELAN (<${ROOT}>), found ${quoteFound(element.name)}; save it in ELAN`,
      );
      this.#faults.throwAny();
    }
    this.#isRoot = false;
    switch (element.name) {
      case 'HEADER':
        this.#readUnits(element);
        break;
      case 'MEDIA_DESCRIPTOR':
        this.#addMedium(element);
        break;
      case 'CONTROLLED_VOCABULARY':
        this.#hasVocabularies = true;
        break;
      case 'TIME_SLOT':
        this.#addSlot(element);
        break;
      case 'TIER':
        this.#beginTier(element);
        break;
      case 'ALIGNABLE_ANNOTATION':
      case 'REF_ANNOTATION':
        this.#beginAnnotation(element);
        break;
      case 'ANNOTATION_VALUE':
        this.#isInValue = this.#annotation !== null;
        break;
    }
  };

  readonly text = (text: string): void => {
    if (this.#isInValue && this.#annotation !== null) this.#annotation.value += ownText(text);
  };

  readonly close = (name: string): void => {
    switch (name) {
      case 'TIER':
        if (this.#tier !== null) this.#tier.to = this.#annotations.length;
        this.#tier = null;
        break;
      case 'ALIGNABLE_ANNOTATION':
      case 'REF_ANNOTATION':
        this.#annotation = null;
        break;
      case 'ANNOTATION_VALUE':
        this.#isInValue = false;
        break;
    }
  };

  finish(): EafDocument {
    for (const one of this.#annotations) this.#checkSlots(one);
    return {
      media: this.#media,
      unitMs: this.#unitMs,
      slotTimes: this.#slots.times(),
      tiers: this.#tiers,
      annotations: this.#annotations,
      hasVocabularies: this.#hasVocabularies,
    };
  }

  #readUnits(element: XmlElement): void {
    const name = element.attributes['TIME_UNITS'] ?? 'milliseconds';
    const unitMs = UNITS.get(name);
    if (unitMs === undefined)
      this.#refuse(
        element,
        `TIME_UNITS ${[...UNITS.keys()].join(', ')}`,
        name,
        'correct it, or save the file in ELAN',
      );
    else this.#unitMs = unitMs;
  }

  #addMedium(element: XmlElement): void {
    const {
      MEDIA_URL: url = '',
      RELATIVE_MEDIA_URL: relative = '',
      TIME_ORIGIN: origin = '0',
    } = element.attributes;
    const { line, column } = element;
    if (!TIME.test(origin))
      this.#refuse(element, 'a whole number of milliseconds as TIME_ORIGIN', origin, 'correct it in ELAN');
    this.#media.push({ names: [nameOf(relative), nameOf(url)], originMs: Number(origin), line, column });
  }

  #addSlot(element: XmlElement): void {
    const id = this.#attribute(element, 'TIME_SLOT_ID');
    const value = element.attributes['TIME_VALUE'];
    if (value !== undefined && !TIME.test(value)) {
      this.#refuse(element, 'a whole number as TIME_VALUE', value, 'correct it, or leave the attribute out');
      return;
    }
    const time = value === undefined ? Number.NaN : Number(value);
    if (!this.#slots.declare(id, time)) {
      const expected = `one time for the time slot ${quoteFound(id)}`;
      this.#refuse(element, expected, value ?? '', 'give the second an id of its own');
    }
  }

  #beginTier(element: XmlElement): void {
    const { attributes, line, column } = element;
    const from = this.#annotations.length;
    this.#tier = {
      name: this.#attribute(element, 'TIER_ID'),
      type: attributes['LINGUISTIC_TYPE_REF'] ?? '',
      participant: attributes['PARTICIPANT'] ?? null,
      parent: attributes['PARENT_REF'] ?? null,
      ...{ from, to: from, line, column },
    };
    this.#tiers.push(this.#tier);
  }

  #beginAnnotation(element: XmlElement): void {
    const { name, attributes, line, column } = element;
    if (this.#tier === null) {
      this.#faults.add(
        linesOf(element),
        `expected <${name}> inside a <TIER>, found it outside; move or remove it`,
      );
      return;
    }
    const isAligned = name === 'ALIGNABLE_ANNOTATION';
    const previous = attributes['PREVIOUS_ANNOTATION'];
    const slot = (which: string) => this.#slots.numberOf(this.#attribute(element, which));
    this.#annotation = {
      id: toId(attributes['ANNOTATION_ID'] ?? '', 'a'),
      tier: this.#tiers.length - 1,
      value: '',
      startSlot: isAligned ? slot('TIME_SLOT_REF1') : null,
      endSlot: isAligned ? slot('TIME_SLOT_REF2') : null,
      ref: isAligned ? null : toId(this.#attribute(element, 'ANNOTATION_REF'), 'a'),
      previous: previous === undefined ? null : toId(previous, 'a'),
      line,
      column,
    };
    this.#annotations.push(this.#annotation);
  }

  /** Adds a fault for each time slot of an annotation that TIME_ORDER does not have. */
  #checkSlots(annotation: EafAnnotation): void {
    for (const slot of [annotation.startSlot, annotation.endSlot]) {
      if (slot === null) continue;
      const id = this.#slots.missing(slot);
      // A missing id was already reported.
      if (id === null || id === '') continue;
      const text = `expected the time slot ${quoteFound(id)} in TIME_ORDER, found none; add it, or save the file in ELAN`;
      this.#faults.add(linesOf(annotation), text);
    }
  }

  /** The value of an attribute that must be there; empty, with a fault: it is missing. */
  #attribute(element: XmlElement, name: string): string {
    const value = element.attributes[name] ?? '';
    if (value !== '') return value;
    this.#faults.add(
      linesOf(element),
      `expected the attribute ${name} of <${element.name}>, found none; add it, or save the file in ELAN`,
    );
    return '';
  }

  /** Adds a fault about the value of an attribute. */
  #refuse(element: XmlElement, expected: string, found: string, fix: string): void {
    this.#faults.add(linesOf(element), `expected ${expected}, found ${quoteFound(found)}; ${fix}`);
  }
}

/** Copies a text, so that the piece of the file from which it was cut does not stay in memory. */
function ownText(text: string): string {
  return ` ${text}`.slice(1);
}

/** The file name in a URL or a path of any system, with `%20` and the like decoded. */
function nameOf(url: string): string {
  const name = url.split(/[/\\]/).at(-1) ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
