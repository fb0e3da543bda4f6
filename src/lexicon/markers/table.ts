import { lookupForm } from '../lookup-form.ts';

/**
 * What a marker stands for:
 * `noise` - a sound that is no speech: left out for the engine;
 * `silence` - nothing is heard: left out;
 * `speech` - speech that could not be understood: unknown sound for engines that take such, else left out;
 * `words` - brackets round words that are spoken: the words are aligned;
 * `markup` - formatting: as if it were not there.
 */
export type MarkerKind = 'noise' | 'silence' | 'speech' | 'words' | 'markup';

/** One line of a table of markers. */
export interface MarkerRule {
  /** Opening brackets, `[` for any kind of brackets, or empty for a marker without brackets. */
  readonly open: string;
  /** Look-up form of what is in the brackets, or of the marker; only its beginning if `isPrefix`. Null: anything. */
  readonly content: string | null;
  readonly isPrefix: boolean;
  readonly kind: MarkerKind;
}

export interface MarkerRules {
  readonly rules: readonly MarkerRule[];
  /** Lines that are no rule, and why. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

const KINDS: readonly MarkerKind[] = ['noise', 'silence', 'speech', 'words', 'markup'];
/** Opening brackets and what closes them, the longest first. */
const BRACKETS: readonly (readonly [open: string, close: string])[] = [
  ['((', '))'],
  ['[[', ']]'],
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['<', '>'],
];
const ANY = '[';
const NO_BRACKETS = [''];
/** Of more words in brackets than this only the first and the last are looked at. */
const MAX_WORDS = 3;

/**
 * Reads a table of markers, one a line: the marker, white space, its kind. `[*]` stands for all that is in such
 * brackets; a `*` at the end of a marker or of what is in its brackets for any ending. Otherwise `[ ]` stands for any
 * kind of brackets, other brackets for themselves. Case does not count. A line that begins with `;;` is a comment.
 */
export function parseMarkerRules(text: string): MarkerRules {
  const rules: MarkerRule[] = [];
  const problems: { line: number; message: string }[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith(';;')) continue;
    const cut = content.search(/\s\S+$/);
    const kind = KINDS.find((one) => one === content.slice(cut + 1));
    if (cut < 0 || kind === undefined) {
      const message = `expected a marker, a blank and one of ${KINDS.join(', ')}, found ${JSON.stringify(content.slice(0, 40))}`;
      problems.push({ line: index + 1, message });
    } else rules.push(toRule(content.slice(0, cut).trim(), kind));
  }
  return { rules, problems };
}

function toRule(marker: string, kind: MarkerKind): MarkerRule {
  const brackets = BRACKETS.find(([open, close]) => marker.startsWith(open) && marker.endsWith(close));
  const [open, inside] =
    brackets === undefined
      ? ['', marker]
      : [brackets[0], marker.slice(brackets[0].length, -brackets[1].length).trim()];
  if (open !== '' && inside === '*') return { open, content: null, isPrefix: true, kind };
  // One star alone is a wildcard; `***` is a marker.
  const isPrefix = inside.length > 1 && inside.indexOf('*') === inside.length - 1;
  return { open, content: normal(isPrefix ? inside.slice(0, -1) : inside), isPrefix, kind };
}

/** What the markers of a language mean: of two rules for the same marker, the later counts. */
export class MarkerTable {
  readonly #exact = new Map<string, MarkerKind>();
  /** By opening brackets, the last first. */
  readonly #prefixes = new Map<string, { readonly start: string; readonly kind: MarkerKind }[]>();
  readonly #defaults = new Map<string, MarkerKind>();

  constructor(rules: readonly MarkerRule[]) {
    for (const { open, content, isPrefix, kind } of rules) {
      if (content === null) this.#defaults.set(open, kind);
      else if (!isPrefix) this.#exact.set(`${open}${content}`, kind);
      else this.#prefixes.set(open, [{ start: content, kind }, ...(this.#prefixes.get(open) ?? [])]);
    }
  }

  /** A marker without brackets and blanks, such as `xxx`; null: it is none. */
  bare(token: string): MarkerKind | null {
    return this.#find(NO_BRACKETS, lookupForm(token));
  }

  /**
   * What is listed for a text in brackets: for the whole of it, for one of up to three words, or for the first or last
   * word of more: `[loud laughter in the background]`, but not `[the music is too loud]`.
   * @param open - the opening brackets
   * @param maxWords - of more words than this only the whole is looked at
   */
  listed(open: string, content: string, maxWords = MAX_WORDS): MarkerKind | null {
    const opens = open === ANY ? [ANY] : [open, ANY];
    const whole = this.#find(opens, normal(content));
    if (whole !== null) return whole;
    const words = normal(content).split(' ');
    if (words.length > maxWords) return null;
    for (const word of words.length > MAX_WORDS ? [words[0] ?? '', words.at(-1) ?? ''] : words) {
      const kind = this.#find(opens, word.replace(/[^\p{L}\p{N}]+$/u, ''));
      if (kind !== null && kind !== 'markup' && kind !== 'words') return kind;
    }
    return null;
  }

  /** What a text in such brackets is when nothing is listed for it. */
  byDefault(open: string): MarkerKind {
    return this.#defaults.get(open) ?? 'words';
  }

  #find(opens: readonly string[], text: string): MarkerKind | null {
    for (const open of opens) {
      const exact = this.#exact.get(`${open}${text}`);
      if (exact !== undefined) return exact;
    }
    for (const open of opens) {
      const met = this.#prefixes.get(open)?.find(({ start }) => text.startsWith(start));
      if (met !== undefined) return met.kind;
    }
    return null;
  }
}

function normal(text: string): string {
  return lookupForm(text).trim().replace(/\s+/g, ' ');
}
