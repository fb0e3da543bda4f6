/** Inside a word: an apostrophe, a hyphen, or a run of other punctuation. */
const SEPARATOR =
  /(['\u2018\u2019\u02BC\uFF07]|[-\u2010\u2011]|[^\p{L}\p{N}\p{M}'\u2018\u2019\u02BC\uFF07\u2010\u2011-]+)/u;
const APOSTROPHE = /^['\u2018\u2019\u02BC\uFF07]$/;
const HYPHEN = /^[-\u2010\u2011]$/;
/** Words with more separators than this are not taken apart: the candidates grow with the square. */
const MAX_SEPARATORS = 7;

/** On which side of a cut its separator stays, in order of preference. */
type Side = 'left' | 'right' | 'none';
const SIDES: Record<'apostrophe' | 'hyphen' | 'other', readonly Side[]> = {
  // French writes qu'|il, English he|'s; an apostrophe belongs to one of the two.
  apostrophe: ['left', 'right'],
  // est|-ce, anti-|fraude, well|known.
  hyphen: ['right', 'left', 'none'],
  other: ['none'],
};

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
      for (const lead of from > 0 && canStay(taken, from - 1, 'right') ? [false, true] : [false]) {
        for (const trail of to < last && canStay(taken, to, 'left') ? [false, true] : [false]) {
          parts.push(partText(taken, from, to, lead, trail));
        }
      }
    }
  }
  return parts;
}

/**
 * Cuts a word at apostrophes, hyphens and inner punctuation into parts that are all known, as few as possible.
 * @returns null when there is no such way, or nothing to cut at
 */
export function splitIntoKnown(word: string, isKnown: (part: string) => boolean): string[] | null {
  const taken = takeApart(word);
  return taken === null ? null : fewestParts(taken, 0, false, isKnown, new Map());
}

function takeApart(word: string): Atoms | null {
  const pieces = word.split(SEPARATOR);
  const separators = pieces.filter((_, index) => index % 2 === 1);
  if (separators.length === 0 || separators.length > MAX_SEPARATORS) return null;
  return { atoms: pieces.filter((_, index) => index % 2 === 0), separators };
}

function fewestParts(
  taken: Atoms,
  from: number,
  lead: boolean,
  isKnown: (part: string) => boolean,
  solved: Map<string, string[] | null>,
): string[] | null {
  const key = `${from} ${lead}`;
  const before = solved.get(key);
  if (before !== undefined) return before;
  const last = taken.atoms.length - 1;
  let best: string[] | null = null;
  const whole = partText(taken, from, last, lead, false);
  if (isKnown(whole)) best = [whole];
  for (let to = last - 1; to >= from && best?.length !== 1; to--) {
    for (const side of sidesOf(taken, to)) {
      const part = partText(taken, from, to, lead, side === 'left');
      if (!isKnown(part)) continue;
      const rest = fewestParts(taken, to + 1, side === 'right', isKnown, solved);
      if (rest !== null && (best === null || rest.length + 1 < best.length)) best = [part, ...rest];
    }
  }
  solved.set(key, best);
  return best;
}

function partText(taken: Atoms, from: number, to: number, lead: boolean, trail: boolean): string {
  let text = lead ? (taken.separators[from - 1] ?? '') : '';
  for (let index = from; index <= to; index++) {
    text += taken.atoms[index] ?? '';
    if (index < to) text += taken.separators[index] ?? '';
  }
  return trail ? text + (taken.separators[to] ?? '') : text;
}

function canStay(taken: Atoms, separator: number, side: Side): boolean {
  return sidesOf(taken, separator).includes(side);
}

function sidesOf(taken: Atoms, index: number): readonly Side[] {
  const separator = taken.separators[index] ?? '';
  if (APOSTROPHE.test(separator)) return SIDES.apostrophe;
  return HYPHEN.test(separator) ? SIDES.hyphen : SIDES.other;
}
