/** Inside a word: an apostrophe, a hyphen, or a run of other punctuation. */
const SEPARATOR =
  /(['`\u00B4\u02BC\u2018\u2019\u201B\u2032\uFF07]|[-\u2010\u2011]|[^\p{L}\p{N}\p{M}'`\u00B4\u02BC\u2018\u2019\u201B\u2032\uFF07\u2010\u2011-]+)/u;
const APOSTROPHE = /^['`\u00B4\u02BC\u2018\u2019\u201B\u2032\uFF07]$/;
const HYPHEN = /^[-\u2010\u2011]$/;
/** Words with more separators are not cut: the number of candidates grows with the square. */
const MAX_SEPARATORS = 7;

/** On which side of a cut its separator stays. */
type Side = 'left' | 'right' | 'none';

/** Where separators stay, by kind, in order of preference. */
export interface SplitOrder {
  readonly apostrophe: readonly Side[];
  readonly hyphen: readonly Side[];
}

/** As in English: he|'s, well|known; a fragment such as `anti-` only if `anti` is not a word. */
export const PLAIN_SPLITS: SplitOrder = { apostrophe: ['right', 'left'], hyphen: ['none', 'right', 'left'] };
/** As in French: qu'|il, est|-ce. An apostrophe always belongs to one of the parts. */
export const ROMANCE_SPLITS: SplitOrder = {
  apostrophe: ['left', 'right'],
  hyphen: ['right', 'none', 'left'],
};
const OTHER: readonly Side[] = ['none'];

interface Pieces {
  readonly atoms: readonly string[];
  /** separators[i] stands between atoms[i] and atoms[i + 1]. */
  readonly separators: readonly string[];
}

/** All texts that a part of a word may be, so that they can be read from the dictionaries first. */
export function splitCandidates(word: string): string[] {
  const pieces = divide(word);
  if (pieces === null) return [];
  const parts: string[] = [];
  const last = pieces.atoms.length - 1;
  for (let from = 0; from <= last; from++) {
    for (let to = from; to <= last; to++) {
      for (const lead of from > 0 && canStay(pieces, from - 1) ? [false, true] : [false]) {
        for (const trail of to < last && canStay(pieces, to) ? [false, true] : [false]) {
          parts.push(partText(pieces, from, to, lead, trail));
        }
      }
    }
  }
  return parts;
}

/**
 * Divides a word at apostrophes, hyphens and inner punctuation into parts that are all known. It takes the way with the fewest
 * parts; of several, the one that the order prefers.
 * @returns null when there is no such way
 */
export function splitIntoKnown(
  word: string,
  order: SplitOrder,
  isKnown: (part: string) => boolean,
): readonly string[] | null {
  const pieces = divide(word);
  return pieces === null ? null : (bestParts(pieces, 0, false, order, isKnown, new Map())?.parts ?? null);
}

/** A way to divide a word. */
interface Split {
  readonly parts: readonly string[];
  /** Sum of the places that its separators' sides have in the order; 0: all are the preferred ones. */
  readonly penalty: number;
}

function divide(word: string): Pieces | null {
  const texts = word.split(SEPARATOR);
  const separators = texts.filter((_, index) => index % 2 === 1);
  if (separators.length === 0 || separators.length > MAX_SEPARATORS) return null;
  return { atoms: texts.filter((_, index) => index % 2 === 0), separators };
}

function bestParts(
  pieces: Pieces,
  from: number,
  lead: boolean,
  order: SplitOrder,
  isKnown: (part: string) => boolean,
  solved: Map<string, Split | null>,
): Split | null {
  const key = `${from} ${lead}`;
  const before = solved.get(key);
  if (before !== undefined) return before;
  const last = pieces.atoms.length - 1;
  let best: Split | null = null;
  const whole = partText(pieces, from, last, lead, false);
  if (isKnown(whole)) best = { parts: [whole], penalty: 0 };
  for (let to = last - 1; to >= from && best?.parts.length !== 1; to--) {
    for (const [penalty, side] of sidesOf(pieces, to, order).entries()) {
      const part = partText(pieces, from, to, lead, side === 'left');
      if (!isKnown(part)) continue;
      const rest = bestParts(pieces, to + 1, side === 'right', order, isKnown, solved);
      if (rest === null) continue;
      const split = { parts: [part, ...rest.parts], penalty: penalty + rest.penalty };
      if (best === null || isBetter(split, best)) best = split;
    }
  }
  solved.set(key, best);
  return best;
}

function isBetter(one: Split, other: Split): boolean {
  const difference = one.parts.length - other.parts.length;
  return difference < 0 || (difference === 0 && one.penalty < other.penalty);
}

function partText(pieces: Pieces, from: number, to: number, lead: boolean, trail: boolean): string {
  let text = lead ? (pieces.separators[from - 1] ?? '') : '';
  for (let index = from; index <= to; index++) {
    text += pieces.atoms[index] ?? '';
    if (index < to) text += pieces.separators[index] ?? '';
  }
  return trail ? text + (pieces.separators[to] ?? '') : text;
}

/** Whether a separator may stay at a part: it is an apostrophe or a hyphen. */
function canStay({ separators }: Pieces, index: number): boolean {
  const separator = separators[index] ?? '';
  return APOSTROPHE.test(separator) || HYPHEN.test(separator);
}

function sidesOf({ separators }: Pieces, index: number, order: SplitOrder): readonly Side[] {
  const separator = separators[index] ?? '';
  if (APOSTROPHE.test(separator)) return order.apostrophe;
  return HYPHEN.test(separator) ? order.hyphen : OTHER;
}
