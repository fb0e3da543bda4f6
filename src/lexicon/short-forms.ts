/** Kinds of text that is spoken in another way than it is written: `1998`, `12/05/1998`, `approx.`, `%`. */
export type ShortFormKind = 'number' | 'date' | 'abbreviation' | 'sign';

/** A short form that is in no dictionary. */
export interface ShortForm {
  readonly kind: ShortFormKind;
  readonly text: string;
}

/** A token of a label and the words that were found for it. */
export interface ResolvedToken {
  readonly token: string;
  /** The next token of the label; undefined: it is the last one. */
  readonly next: string | undefined;
  readonly words: readonly { readonly text: string; readonly known: boolean }[];
  /** Whether the label has small letters, so that a word in capitals means something. */
  readonly isMixedCase: boolean;
}

/** `12.05.1998`, `2026-03-01`, `12/5`, and times of day: `10:30`. */
const DATE = /^(?:\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d{1,2}\/\d{1,2}|\d{1,2}:\d{2}(?::\d{2})?)$/;
const HAS_NUMBER = /\p{N}/u;
/** `z.B.`, `U.S.A`, but not two sentences without a blank between them. */
const WITH_DOTS = /^\p{L}{1,2}(?:\.\p{L}{1,2})+$/u;
const LETTERS = /^\p{L}{1,7}$/u;
/** `EU`, `CDs`. Longer words in capitals are emphasized words. */
const CAPITALS = /^\p{Lu}{2,5}s?$/u;
const ENDS_IN_DOT = /\.[^\p{L}\p{N}]*$/u;
/** The sentence goes on after a dot if no capital letter follows. */
const GOES_ON = /^[^\p{L}\p{N}]*[\p{Ll}\p{N}]/u;
/** Signs that are spoken. Others, such as `#` and `+`, are left out: transcribers also mark noises with them. */
const ALONE = /^[^\p{L}\p{N}]*(?:&|[%‰§°№]|\p{Sc})[^\p{L}\p{N}]*$/u;
const AT_NUMBER = /(?:[%‰§°№]|\p{Sc})\s*\p{N}|\p{N}\s*(?:[%‰§°№]|\p{Sc})/u;
const SIGN = /[&%‰§°№]|\p{Sc}/u;

/** The short form that a token is; null: it is not one, since its pronunciation is in a dictionary or it is a usual word. */
export function shortFormOf({ token, next, words, isMixedCase }: ResolvedToken): ShortForm | null {
  const [first] = words;
  if (first === undefined) return ALONE.test(token) ? { kind: 'sign', text: token } : null;
  if (first.known) {
    const isLost = AT_NUMBER.test(token) && !words.some(({ text }) => SIGN.test(text));
    return isLost ? { kind: 'sign', text: token } : null;
  }
  const { text } = first;
  if (DATE.test(text)) return { kind: 'date', text };
  if (HAS_NUMBER.test(text)) return { kind: 'number', text: AT_NUMBER.test(token) ? token : text };
  const hasDot = LETTERS.test(text) && ENDS_IN_DOT.test(token) && next !== undefined && GOES_ON.test(next);
  if (hasDot) return { kind: 'abbreviation', text: `${text}.` };
  const isShort = WITH_DOTS.test(text) || (isMixedCase && CAPITALS.test(text));
  return isShort ? { kind: 'abbreviation', text } : null;
}
