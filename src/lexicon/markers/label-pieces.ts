import type { MarkerKind, MarkerTable } from './table.ts';

/** A stretch of a label: words to be looked up, or one marker. */
export type LabelPiece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: Exclude<MarkerKind, 'words' | 'markup'>;
      readonly text: string;
      /** The word of a marker that lacks a bracket, or has signs that emphasis is written with, too. */
      readonly word?: string;
    }
  /** More in brackets than a marker has: its words are in the pieces after it. */
  | { readonly kind: 'bracketed'; readonly text: string };

/**
 * A pair of brackets with none of its kind inside. At most three open at once, which begin no run of more, and what is
 * inside goes up to the next bracket of the kind: linear on any text.
 */
const BRACKETED =
  /(?<!\()(\({1,3})([^()]*)\){1,3}|(?<!\[)(\[{1,3})([^[\]]*)\]{1,3}|(?<!\{)(\{{1,3})([^{}]*)\}{1,3}|(?<!<)(<{1,3})([^<>]*)>{1,3}/g;
const ANY_SIGN = /[()[\]{}<>*_~+=]/;
/** One half of a pair that has lost the other: to the end, or from the beginning, of its word. */
const HALF = /(?<=^|\s)[([{<]{1,2}([^\s()[\]{}<>]+)(?=\s|$)|(?<=^|\s)([^\s()[\]{}<>]+)[)\]}>]{1,2}(?=\s|$)/g;
const LONE_ROUND = /^\([^()]+$|^[^()]+\)$/;
/** `*laughs*`, `++NOISE++`, `_clears throat_`: of a length that no search is long for. */
const SIGNED = /(?<=^|\s)([*_~+=]{1,2})([^\s*_~+=][^*_~+=]{0,40})\1(?=[\s,.;:!?]|$)/g;
/** What else than a marker the signs round one word may be: emphasis, a voice, no pause before and after. */
const EMPHASIS = /^[_~=]+\S+$/;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** `(0.5)`, `(2)`, `(1.2 s)`: how long a pause is. */
const PAUSE = /^(?=[.,]?\d)\d{0,2}(?:[.,]\d{1,3})?\s*(?:m?s|sec)?\.?$/;
/** With more words, the text was spoken. */
const MAX_MARKER_WORDS = 3;
/** With the name of a sound at its beginning or end it may be longer: `[loud laughter in the background]`. */
const MAX_NAMED_WORDS = 6;
const NO_SPEECH = new Set<MarkerKind | null>(['noise', 'silence', 'speech']);

/** Divides a label into what may be words and what is a marker by the table of its language. */
export function splitLabel(label: string, table: MarkerTable): LabelPiece[] {
  if (!ANY_SIGN.test(label)) return [{ kind: 'text', text: label }];
  const pieces: LabelPiece[] = [];
  // Text that formatting is taken out of, such as `<i>un</i>certain`, stays one text.
  let text = '';
  const push = (piece: LabelPiece) => {
    pieces.push(...splitHalves(text, table), piece);
    text = '';
  };
  let end = 0;
  for (const match of label.matchAll(BRACKETED)) {
    const found = judge(label, match, table);
    if (found === null) continue;
    text += label.slice(end, match.index);
    end = match.index + match[0].length;
    if (found.kind === 'markup') continue;
    if (found.kind !== 'words') {
      push({ kind: found.kind, text: match[0] });
      continue;
    }
    text += ' ';
    if (found.isDoubtful) push({ kind: 'bracketed', text: match[0] });
    const inside = splitLabel(found.content, table);
    if (inside.length === 1 && inside[0]?.kind === 'text') text += inside[0].text;
    else {
      pieces.push(...splitHalves(text, table), ...inside);
      text = '';
    }
    text += ' ';
  }
  text += label.slice(end);
  return [...pieces, ...splitHalves(text, table)];
}

interface Judged {
  readonly kind: MarkerKind;
  readonly content: string;
  /** Whether the brackets usually hold no words. */
  readonly isDoubtful: boolean;
}

/** @returns null when the brackets are part of a word, as in `(un)certain` */
function judge(label: string, match: RegExpMatchArray, table: MarkerTable): Judged | null {
  const whole = match[0];
  const start = match.index ?? 0;
  const at = [1, 3, 5, 7].find((group) => match[group] !== undefined) ?? 1;
  const content = match[at + 1] ?? '';
  const sign = (match[at] ?? '').charAt(0);
  const isDouble = whole.startsWith(sign.repeat(2)) && (sign === '(' || sign === '[');
  const open = isDouble ? sign.repeat(2) : sign;
  const found = (kind: MarkerKind, isDoubtful = false): Judged => ({ kind, content, isDoubtful });

  const isMarkup = sign === '<' || sign === '{';
  const usual = table.byDefault(open);
  // `(rock music)` is said: of brackets that usually hold words only the whole counts.
  const listed = table.listed(open, content, usual === 'words' ? 0 : MAX_NAMED_WORDS);
  if (listed !== null) return found(listed);
  if (!LETTER_OR_DIGIT.test(content) || (sign === '(' && PAUSE.test(content.trim()))) return found('silence');
  const isAttached = isWordSign(label, start - 1) || isWordSign(label, start + whole.length);
  if (isAttached && !isMarkup) return null;
  if (usual === 'words') return found('words');
  // CHAT groups words by angle brackets, and says in square ones what is to be known of them.
  if (sign === '<' && /^\s*\[/.test(label.slice(start + whole.length, start + whole.length + 8)))
    return found('words');
  const isTag = sign === '<' && /^\/?[\w:-]+(?:\s+[\w:-]+\s*=|\s*\/?$)/.test(content);
  if (isTag || countWords(content) <= MAX_MARKER_WORDS) return found(usual);
  return found('words', true);
}

/**
 * Brackets that have no partner, and other signs round words, are punctuation, but for those of what is listed:
 * `((unintelligible`, `*laughs*`. `[music` and `_music_` may be either.
 */
function splitHalves(text: string, table: MarkerTable): LabelPiece[] {
  return cutOut(text, HALF, table).flatMap((piece) =>
    piece.kind === 'text' ? cutOut(piece.text, SIGNED, table) : [piece],
  );
}

/** @param pattern - its last group that is met is what has to be listed */
function cutOut(text: string, pattern: RegExp, table: MarkerTable): LabelPiece[] {
  const pieces: LabelPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const kind = table.listed('[', match[2] ?? match[1] ?? '');
    if (!NO_SPEECH.has(kind)) continue;
    // A round bracket without a partner says nothing about the word beside it.
    if (kind === 'noise' && LONE_ROUND.test(match[0])) continue;
    const isHalf = pattern === HALF || EMPHASIS.test(match[0]);
    const word = isHalf && kind !== 'speech' ? { word: match[2] ?? match[1] ?? '' } : {};
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push({ kind: kind as 'noise' | 'silence' | 'speech', text: match[0], ...word });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

function isWordSign(label: string, at: number): boolean {
  return LETTER_OR_DIGIT.test(label.charAt(at));
}

function countWords(content: string): number {
  return content.trim().split(/\s+/).length;
}
