/** Inside a word: an apostrophe, a hyphen, or a run of other punctuation. */
const SEPARATOR =
  /(['`\u00B4\u02BC\u2018\u2019\u201B\u2032\uFF07]|[-\u2010\u2011]|[^\p{L}\p{N}\p{M}'`\u00B4\u02BC\u2018\u2019\u201B\u2032\uFF07\u2010\u2011-]+)/u;
const APOSTROPHE = /^['`\u00B4\u02BC\u2018\u2019\u201B\u2032\uFF07]$/;
const HYPHEN = /^[-\u2010\u2011]$/;
/** Words with more separators than this are not taken apart: the candidates grow with the square. */
const MAX_SEPARATORS = 7;

/** On which side of a cut its separator stays. */
type Side = 'left' | 'right' | 'none';

/** Where separators stay, by kind, in order of preference. */
export interface SplitOrder {
  readonly apostrophe: readonly Side[];
  readonly hyphen: readonly Side[];
}

/** English he|'s, well|known; a fragment such as `anti-` only where `anti` is no word. */
export const PLAIN_SPLITS: SplitOrder = { apostrophe: ['right', 'left'], hyphen: ['none', 'right', 'left'] };
/** French qu'|il, est|-ce; an apostrophe belongs to one of the two. */
export const ROMANCE_SPLITS: SplitOrder = {
  apostrophe: ['left', 'right'],
  hyphen: ['right', 'none', 'left'],
};
const OTHER: readonly Side[] = ['none'];

interface Atoms {
  readonly atoms: readonly string[];
  /** Between atom i and atom i + 1. */
  readonly separators: readonly string[];
}

/** All strings that parts of a word may be, for looking them up beforehand. */
export function splitCandidates(word: string): string[] {
  const taken = takeApart(word);
  if (taken === null) return [];
  const parts: string[] = [];
  const last = taken.atoms.length - 1;
  for (let from = 0; from <= last; from++) {
    for (let to = from; to <= last; to++) {
      for (const lead of from > 0 && canStay(taken, from - 1) ? [false, true] : [false]) {
        for (const trail of to < last && canStay(taken, to) ? [false, true] : [false]) {
          parts.push(partText(taken, from, to, lead, trail));
        }
      }
    }
  }
  return parts;
}

/**
 * Cuts a word at apostrophes, hyphens and inner punctuation into parts that are all known: as few as possible, and of
 * the ways that are equal in that the one that the order prefers.
 * @returns null when there is no such way, or nothing to cut at
 */
export function splitIntoKnown(
  word: string,
  order: SplitOrder,
  isKnown: (part: string) => boolean,
): readonly string[] | null {
  const taken = takeApart(word);
  return taken === null ? null : (bestParts(taken, 0, false, order, isKnown, new Map())?.parts ?? null);
}

/** A way to cut a word. */
interface Split {
  readonly parts: readonly string[];
  /** How far its cuts are from those that the order prefers, added up. */
  readonly strain: number;
}

function takeApart(word: string): Atoms | null {
  const pieces = word.split(SEPARATOR);
  const separators = pieces.filter((_, index) => index % 2 === 1);
  if (separators.length === 0 || separators.length > MAX_SEPARATORS) return null;
  return { atoms: pieces.filter((_, index) => index % 2 === 0), separators };
}

function bestParts(
  taken: Atoms,
  from: number,
  lead: boolean,
  order: SplitOrder,
  isKnown: (part: string) => boolean,
  solved: Map<string, Split | null>,
): Split | null {
  const key = `${from} ${lead}`;
  const before = solved.get(key);
  if (before !== undefined) return before;
  const last = taken.atoms.length - 1;
  let best: Split | null = null;
  const whole = partText(taken, from, last, lead, false);
  if (isKnown(whole)) best = { parts: [whole], strain: 0 };
  for (let to = last - 1; to >= from && best?.parts.length !== 1; to--) {
    for (const [strain, side] of sidesOf(taken, to, order).entries()) {
      const part = partText(taken, from, to, lead, side === 'left');
      if (!isKnown(part)) continue;
      const rest = bestParts(taken, to + 1, side === 'right', order, isKnown, solved);
      if (rest === null) continue;
      const split = { parts: [part, ...rest.parts], strain: strain + rest.strain };
      if (best === null || isBetter(split, best)) best = split;
    }
  }
  solved.set(key, best);
  return best;
}

function isBetter(one: Split, other: Split): boolean {
  const difference = one.parts.length - other.parts.length;
  return difference < 0 || (difference === 0 && one.strain < other.strain);
}

function partText(taken: Atoms, from: number, to: number, lead: boolean, trail: boolean): string {
  let text = lead ? (taken.separators[from - 1] ?? '') : '';
  for (let index = from; index <= to; index++) {
    text += taken.atoms[index] ?? '';
    if (index < to) text += taken.separators[index] ?? '';
  }
  return trail ? text + (taken.separators[to] ?? '') : text;
}

/** Whether the separator may stay with one of its neighbours. */
function canStay({ separators }: Atoms, index: number): boolean {
  const separator = separators[index] ?? '';
  return APOSTROPHE.test(separator) || HYPHEN.test(separator);
}

function sidesOf({ separators }: Atoms, index: number, order: SplitOrder): readonly Side[] {
  const separator = separators[index] ?? '';
  if (APOSTROPHE.test(separator)) return order.apostrophe;
  return HYPHEN.test(separator) ? order.hyphen : OTHER;
}
