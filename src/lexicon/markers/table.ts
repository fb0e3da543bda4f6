import { lookupForm } from '../lookup-form.ts';

/**
 * What a marker means:
 * `noise` - a sound that is not speech; the engine does not get it;
 * `silence` - nothing is heard; the engine does not get it;
 * `speech` - speech that was not understood; unknown sound for engines that can align it, otherwise left out;
 * `words` - brackets around spoken words; the words are aligned;
 * `markup` - formatting, which is removed.
 */
export type MarkerKind = 'noise' | 'silence' | 'speech' | 'words' | 'markup';

/** One line of a table of markers. */
export interface MarkerRule {
  /** The opening brackets; `[` for any kind of brackets; empty for a marker without brackets. */
  readonly open: string;
  /** Look-up form of the content of the brackets, or of the marker without brackets. Null: any content. */
  readonly content: string | null;
  /** Whether `content` is only the beginning. */
  readonly isPrefix: boolean;
  readonly kind: MarkerKind;
}

export interface MarkerRules {
  readonly rules: readonly MarkerRule[];
  /** Lines that are not a rule, and why. Lines are counted from 1. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

const KINDS: readonly MarkerKind[] = ['noise', 'silence', 'speech', 'words', 'markup'];
/** Opening and closing brackets, the longest first. */
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
/** If brackets have more words, only the first and the last are compared. */
const MAX_WORDS = 3;

/**
 * Reads a table of markers. A line has a marker, white space, and its kind. `[*]` is the rule for all other contents of such
 * brackets. A `*` at the end of a marker, or of the content of its brackets, stands for any ending. Apart from `[*]`, square
 * brackets stand for any kind of brackets. Case does not count. A line that begins with `;;` is a comment.
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
  // A single star at the end is a wildcard; `***` is a marker.
  const isPrefix = inside.length > 1 && inside.indexOf('*') === inside.length - 1;
  return { open, content: normal(isPrefix ? inside.slice(0, -1) : inside), isPrefix, kind };
}

/** The markers of a language. If two rules are for the same marker, the later one counts. */
export class MarkerTable {
  readonly #exact = new Map<string, MarkerKind>();
  /** By opening brackets, the last rule first. */
  readonly #prefixes = new Map<string, { readonly start: string; readonly kind: MarkerKind }[]>();
  readonly #defaults = new Map<string, MarkerKind>();

  constructor(rules: readonly MarkerRule[]) {
    for (const { open, content, isPrefix, kind } of rules) {
      if (content === null) this.#defaults.set(open, kind);
      else if (!isPrefix) this.#exact.set(`${open}${content}`, kind);
      else this.#prefixes.set(open, [{ start: content, kind }, ...(this.#prefixes.get(open) ?? [])]);
    }
  }

  /** The kind of a marker without brackets and blanks, such as `xxx`; null: the token is not a marker. */
  bare(token: string): MarkerKind | null {
    return this.#find(NO_BRACKETS, lookupForm(token));
  }

  /**
   * The kind of a text in brackets by the rules for the whole text, for one of up to three words, or for the first or last one
   * of more words: `[loud laughter in the background]` ends in one, `[the music is too loud]` has none there.
   * @param open - the opening brackets
   * @param maxWords - if the text has more words, only the whole text is compared
   * @returns null: no rule matches
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

  /** The kind of a text in such brackets if no other rule matches. */
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
