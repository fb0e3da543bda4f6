import type { MsSpan } from './milliseconds.ts';

/** Characters that XML cannot hold, not even escaped. */
const NOT_IN_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
/** A character that may need to be escaped or replaced. */
const NEEDS_CARE = /[&<>\r]|[^\t\n\u0020-\uD7FF\uE000-\uFFFD]/;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** ELAN's kinds of dependent tiers, and the descriptions that it shows for them. */
const DESCRIPTIONS = {
  Time_Subdivision: 'Parts of an annotation of the parent tier, with times, without gaps between them',
  Symbolic_Subdivision: 'Parts of an annotation of the parent tier, in their order, without times',
  Symbolic_Association: 'One for each annotation of the parent tier',
  Included_In: 'Within an annotation of the parent tier, with times, gaps between them allowed',
} as const;

type Stereotype = keyof typeof DESCRIPTIONS;

/** All kinds, since ELAN writes all of them into each file. */
export const STEREOTYPES = Object.keys(DESCRIPTIONS) as readonly Stereotype[];

export interface NewTier {
  readonly name: string;
  readonly participant: string;
  readonly type: string;
  /** Name of the tier that it depends on; null: none. */
  readonly parent: string | null;
  /** In time order. */
  readonly annotations: readonly NewAnnotation[];
}

export interface NewAnnotation extends MsSpan {
  readonly value: string;
}

/** The numbers of the next ids, such as 1 for `a1` and `ts1`. */
export interface NextIds {
  readonly annotation: number;
  readonly slot: number;
}

/** Escapes a text between tags. Characters that XML cannot hold become U+FFFD. */
function escapeText(text: string): string {
  if (!NEEDS_CARE.test(text)) return text;
  return text.replace(NOT_IN_XML, '\uFFFD').replace(/[&<>\r]/g, (sign) => ENTITIES[sign] ?? sign);
}

/** Escapes the value of an attribute, for double quotes. Characters that XML cannot hold become U+FFFD. */
export function escapeAttribute(text: string): string {
  return text.replace(NOT_IN_XML, '\uFFFD').replace(/[&<>"\t\n\r]/g, (sign) => ENTITIES[sign] ?? sign);
}

/** The lines of two time slots for each annotation. @param ids - `slot` is the number of the first slot */
export function* slotLines(tiers: readonly NewTier[], { slot }: NextIds): Generator<string, void> {
  let next = slot;
  for (const { annotations } of tiers) {
    for (const { startMs, endMs } of annotations) {
      for (const timeMs of [startMs, endMs])
        yield `        <TIME_SLOT TIME_SLOT_ID="ts${next++}" TIME_VALUE="${timeMs}"/>`;
    }
  }
}

/** The lines of a tier. @param ids - of its first annotation and its first slot */
export function* tierLines(
  { name, participant, type, parent, annotations }: NewTier,
  ids: NextIds,
): Generator<string, void> {
  const attribute = (key: string, value: string) =>
    value === '' ? '' : ` ${key}="${escapeAttribute(value)}"`;
  yield `    <TIER${attribute('LINGUISTIC_TYPE_REF', type)}${attribute('PARENT_REF', parent ?? '')}` +
    `${attribute('PARTICIPANT', participant)}${attribute('TIER_ID', name)}>`;
  for (const [index, { value }] of annotations.entries()) {
    const slot = ids.slot + 2 * index;
    yield '        <ANNOTATION>';
    yield `            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a${ids.annotation + index}" TIME_SLOT_REF1="ts${slot}" TIME_SLOT_REF2="ts${slot + 1}">`;
    yield `                <ANNOTATION_VALUE>${escapeText(value)}</ANNOTATION_VALUE>`;
    yield '            </ALIGNABLE_ANNOTATION>';
    yield '        </ANNOTATION>';
  }
  yield '    </TIER>';
}

/** The next ids after those of a tier. @param ids - of its first annotation and its first slot */
export function idsAfter({ annotation, slot }: NextIds, { annotations }: NewTier): NextIds {
  return { annotation: annotation + annotations.length, slot: slot + 2 * annotations.length };
}

/** The line of a tier type. @param isDependent - whether its annotations lie within those of another tier */
export function typeLine(id: string, isDependent: boolean): string {
  const rule = isDependent ? ' CONSTRAINTS="Included_In"' : '';
  return `    <LINGUISTIC_TYPE${rule} GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="${escapeAttribute(id)}" TIME_ALIGNABLE="true"/>`;
}

/** The line that declares a kind of dependent tiers. */
export function constraintLine(stereotype: Stereotype): string {
  return `    <CONSTRAINT DESCRIPTION="${escapeAttribute(DESCRIPTIONS[stereotype])}" STEREOTYPE="${stereotype}"/>`;
}
