import assert from 'node:assert/strict';
import { atOnce } from '../../../src/base/pieces.ts';
import { readXml } from '../../../src/formats/xml.ts';
import type { XmlElement } from '../../../src/formats/xml-handler.ts';

/** The elements of an EAF 3.0, in the order in which its schema wants them inside each other. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  ANNOTATION_DOCUMENT: [
    ...['LICENSE', 'HEADER', 'TIME_ORDER', 'TIER', 'LINGUISTIC_TYPE', 'LOCALE', 'LANGUAGE', 'CONSTRAINT'],
    ...['CONTROLLED_VOCABULARY', 'LEXICON_REF', 'REF_LINK_SET', 'EXTERNAL_REF'],
  ],
  HEADER: ['MEDIA_DESCRIPTOR', 'LINKED_FILE_DESCRIPTOR', 'PROPERTY'],
  TIME_ORDER: ['TIME_SLOT'],
  TIER: ['ANNOTATION'],
  ANNOTATION: ['ALIGNABLE_ANNOTATION', 'REF_ANNOTATION'],
};
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  ANNOTATION_DOCUMENT: ['DATE', 'AUTHOR', 'VERSION'],
  MEDIA_DESCRIPTOR: ['MEDIA_URL', 'MIME_TYPE'],
  TIME_SLOT: ['TIME_SLOT_ID'],
  TIER: ['TIER_ID', 'LINGUISTIC_TYPE_REF'],
  ALIGNABLE_ANNOTATION: ['ANNOTATION_ID', 'TIME_SLOT_REF1', 'TIME_SLOT_REF2'],
  REF_ANNOTATION: ['ANNOTATION_ID', 'ANNOTATION_REF'],
  LINGUISTIC_TYPE: ['LINGUISTIC_TYPE_ID'],
  CONSTRAINT: ['STEREOTYPE'],
};
/** Attributes that refer to something, and what they refer to. */
const REFERENCES: Readonly<Record<string, string>> = {
  TIME_SLOT_REF1: 'TIME_SLOT_ID',
  TIME_SLOT_REF2: 'TIME_SLOT_ID',
  ANNOTATION_REF: 'ANNOTATION_ID',
  PARENT_REF: 'TIER_ID',
  LINGUISTIC_TYPE_REF: 'LINGUISTIC_TYPE_ID',
  CONSTRAINTS: 'STEREOTYPE',
};

/** Fails if a text breaks a rule of the schema of EAF 3.0: order, attributes, ids and references to them. */
export function assertSchema(text: string): void {
  const open: { readonly name: string; last: number }[] = [];
  const ids = new Map<string, Set<string>>();
  const references: (readonly [string, string])[] = [];
  const enter = ({ name, attributes }: XmlElement) => {
    const parent = open.at(-1);
    const allowed = ORDER[parent?.name ?? ''];
    if (parent !== undefined && allowed !== undefined) {
      const place = allowed.indexOf(name);
      assert.ok(place >= parent.last, `<${name}> inside <${parent.name}> after <${allowed[parent.last]}>`);
      parent.last = place;
    }
    for (const key of REQUIRED[name] ?? []) assert.ok(attributes[key] !== undefined, `${key} of <${name}>`);
    for (const [key, value] of Object.entries(attributes)) {
      if (REFERENCES[key] !== undefined) references.push([REFERENCES[key], value]);
      if (!/_ID$|^STEREOTYPE$/.test(key)) continue;
      const known = ids.get(key) ?? new Set();
      ids.set(key, known);
      assert.ok(!known.has(value), `${key} ${value} is there twice`);
      known.add(value);
    }
    open.push({ name, last: 0 });
  };
  atOnce(readXml(() => [text], 'x.eaf', { open: enter, close: () => open.pop(), text: () => {} }));
  for (const [key, value] of references) assert.ok(ids.get(key)?.has(value), `${key} ${value} is not there`);
  const slots = ids.get('TIME_SLOT_ID') ?? new Set();
  const annotations = [...(ids.get('ANNOTATION_ID') ?? [])].filter((id) => slots.has(id));
  assert.deepEqual(annotations, [], 'ids of annotations and time slots are one space');
}
