import type { MarkerKind, MarkerTable } from './table.ts';

/** A piece of a label: text with words, or one marker. */
export type LabelPiece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: Exclude<MarkerKind, 'words' | 'markup'>;
      readonly text: string;
      /** Only of a marker that may also be a word, since it lacks a bracket or has signs of emphasis: this word. */
      readonly word?: string;
    }
  /** Brackets with too much text for a marker. The pieces after it have the words. */
  | { readonly kind: 'bracketed'; readonly text: string };

/**
 * Brackets without brackets of the same kind inside: one to three opening brackets at the beginning of a run, the content up to
 * the next bracket of this kind, and one to three closing ones. The search takes linear time on any text.
 */
const BRACKETED =
  /(?<!\()(\({1,3})([^()]*)\){1,3}|(?<!\[)(\[{1,3})([^[\]]*)\]{1,3}|(?<!\{)(\{{1,3})([^{}]*)\}{1,3}|(?<!<)(<{1,3})([^<>]*)>{1,3}/g;
const ANY_SIGN = /[()[\]{}<>*_~+=]/;
/** A word with an opening bracket at its beginning, or a closing one at its end, without the other bracket. */
const HALF = /(?<=^|\s)[([{<]{1,2}([^\s()[\]{}<>]+)(?=\s|$)|(?<=^|\s)([^\s()[\]{}<>]+)[)\]}>]{1,2}(?=\s|$)/g;
const LONE_ROUND = /^\([^()]+$|^[^()]+\)$/;
/** `*laughs*`, `++NOISE++`, `_clears throat_`. The length is limited, so that the search takes linear time. */
const SIGNED = /(?<=^|\s)([*_~+=]{1,2})([^\s*_~+=][^*_~+=]{0,40})\1(?=[\s,.;:!?]|$)/g;
/** Signs around one word that may also mean emphasis, a quality of the voice, or that there is no pause beside it. */
const EMPHASIS = /^[_~=]+\S+$/;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** The length of a pause: `(0.5)`, `(2)`, `(1.2 s)`. */
const PAUSE = /^(?=[.,]?\d)\d{0,2}(?:[.,]\d{1,3})?\s*(?:m?s|sec)?\.?$/;
/** A text in brackets with more words was spoken. */
const MAX_MARKER_WORDS = 3;
/** With the name of a noise at its beginning or end, a marker may have more words: `[loud laughter in the background]`. */
const MAX_NAMED_WORDS = 6;
const NO_SPEECH = new Set<MarkerKind | null>(['noise', 'silence', 'speech']);

/** Divides a label into texts and markers, in order. */
export function splitLabel(label: string, table: MarkerTable): LabelPiece[] {
  if (!ANY_SIGN.test(label)) return [{ kind: 'text', text: label }];
  const pieces: LabelPiece[] = [];
  // Collects text up to the next marker: without its formatting, `<i>un</i>certain` is one word.
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
  /** Whether such brackets usually have no words, so that the user is warned. */
  readonly isDoubtful: boolean;
}

/** Decides what a pair of brackets is. @returns null: the brackets are part of a word, as in `(un)certain` */
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
  // `(rock music)` was spoken: in brackets that usually have words, only a rule for the whole text counts.
  const listed = table.listed(open, content, usual === 'words' ? 0 : MAX_NAMED_WORDS);
  if (listed !== null) return found(listed);
  if (!LETTER_OR_DIGIT.test(content) || (sign === '(' && PAUSE.test(content.trim()))) return found('silence');
  const isAttached = isWordSign(label, start - 1) || isWordSign(label, start + whole.length);
  if (isAttached && !isMarkup) return null;
  if (usual === 'words') return found('words');
  // CHAT puts words in angle brackets, and a code about them in square brackets after them.
  if (sign === '<' && /^\s*\[/.test(label.slice(start + whole.length, start + whole.length + 8)))
    return found('words');
  const isTag = sign === '<' && /^\/?[\w:-]+(?:\s+[\w:-]+\s*=|\s*\/?$)/.test(content);
  if (isTag || countWords(content) <= MAX_MARKER_WORDS) return found(usual);
  return found('words', true);
}

/**
 * Finds markers that lack a bracket or have other signs around them, if the table has them: `((unintelligible`, `*laughs*`. Other
 * single brackets and signs are punctuation. `[music` and `_music_` may be a marker or a word.
 */
function splitHalves(text: string, table: MarkerTable): LabelPiece[] {
  return cutOut(text, HALF, table).flatMap((piece) =>
    piece.kind === 'text' ? cutOut(piece.text, SIGNED, table) : [piece],
  );
}

/** @param pattern - the table must have the text of its last group that matches */
function cutOut(text: string, pattern: RegExp, table: MarkerTable): LabelPiece[] {
  const pieces: LabelPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const kind = table.listed('[', match[2] ?? match[1] ?? '');
    if (!NO_SPEECH.has(kind)) continue;
    // A single round bracket says nothing about the word beside it.
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
