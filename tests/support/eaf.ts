/** What to build an EAF from. The defaults are what ELAN writes for a new file. */
export interface EafRecipe {
  readonly header?: string;
  /** Inside HEADER. */
  readonly media?: string;
  /** Time slots `ts1`, `ts2` ... with their times; null: without a time. */
  readonly times?: readonly (number | null)[];
  readonly tiers?: readonly string[];
  /** After the tiers. */
  readonly rest?: string;
  /** Before the root. */
  readonly prolog?: string;
}

const TYPES = [
  '<LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>',
  '<LINGUISTIC_TYPE CONSTRAINTS="Included_In" GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="part" TIME_ALIGNABLE="true"/>',
  '<LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Association" GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="note" TIME_ALIGNABLE="false"/>',
];
const CONSTRAINTS = ['Time_Subdivision', 'Symbolic_Subdivision', 'Symbolic_Association', 'Included_In'].map(
  (name) => `<CONSTRAINT DESCRIPTION="-" STEREOTYPE="${name}"/>`,
);

export function makeEaf(recipe: EafRecipe = {}): string {
  const { media = '', times = [], tiers = [], header = 'MEDIA_FILE="" TIME_UNITS="milliseconds"' } = recipe;
  const {
    prolog = '<?xml version="1.0" encoding="UTF-8"?>\n',
    rest = [...TYPES, ...CONSTRAINTS].join('\n'),
  } = recipe;
  const slots = times.map((time, index) => {
    const value = time === null ? '' : ` TIME_VALUE="${time}"`;
    return `<TIME_SLOT TIME_SLOT_ID="ts${index + 1}"${value}/>`;
  });
  const parts = [
    '<ANNOTATION_DOCUMENT AUTHOR="" DATE="2025-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">',
    `<HEADER ${header}>${media}</HEADER>`,
    `<TIME_ORDER>${slots.join('\n')}</TIME_ORDER>`,
    ...tiers,
    rest,
    '</ANNOTATION_DOCUMENT>\n',
  ];
  return prolog + parts.filter((part) => part !== '').join('\n');
}

/** @param attributes - in addition to TIER_ID, such as `PARENT_REF="anna"` */
export function eafTier(name: string, annotations: readonly string[], attributes = ''): string {
  const type = attributes.includes('LINGUISTIC_TYPE_REF') ? '' : 'LINGUISTIC_TYPE_REF="default-lt" ';
  const all = annotations.map((one) => `<ANNOTATION>${one}</ANNOTATION>`).join('\n');
  return `<TIER ${type}${attributes} TIER_ID="${name}">${all}</TIER>`;
}

/** An annotation from one time slot to another, by their numbers. @param value - as XML */
export function aligned(id: string, from: number, to: number, value: string): string {
  return `<ALIGNABLE_ANNOTATION ANNOTATION_ID="${id}" TIME_SLOT_REF1="ts${from}" TIME_SLOT_REF2="ts${to}"><ANNOTATION_VALUE>${value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>`;
}

/** An annotation that has the time of another. @param value - as XML */
export function referring(id: string, to: string, value: string, previous?: string): string {
  const before = previous === undefined ? '' : ` PREVIOUS_ANNOTATION="${previous}"`;
  return `<REF_ANNOTATION ANNOTATION_ID="${id}" ANNOTATION_REF="${to}"${before}><ANNOTATION_VALUE>${value}</ANNOTATION_VALUE></REF_ANNOTATION>`;
}
