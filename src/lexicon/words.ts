import { atOnce, type InPieces, Piece } from '../base/pieces.ts';
import { lookupForm } from './lookup-form.ts';
import { type LabelPiece, splitLabel } from './markers/label-pieces.ts';
import type { MarkerKind } from './markers/table.ts';
import { type ShortForm, shortFormOf } from './short-forms.ts';
import type { TextRules } from './text-rules.ts';
import { partOutsideBrackets, wordForms } from './word-forms.ts';
import { splitCandidates, splitIntoKnown } from './word-parts.ts';

/** What separates words: white space (but not the invisible U+FEFF), and dashes and dots that are written without blanks. */
const GAP = /(?:(?!\uFEFF)[\s\u2013\u2014\u2026]|--+|\.{3,})+/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const CAPITALS = /^\P{Ll}*$/u;
/** Look-up form of speech that was not understood. Transcripts do not have it as a word. */
export const UNKNOWN_SPEECH = '<unk>';

/** One word of a transcript. */
export interface Word {
  /** As transcribed, without the punctuation around it. The word tier of the result has this text. */
  readonly text: string;
  /** Its look-up form, which dictionaries and engines have. */
  readonly lookup: string;
  /** Whether it has a pronunciation. */
  readonly known: boolean;
  /** Only of the first part of a token that was divided. */
  readonly split?: Split;
}

/** A token of which only the parts are known: `here's` as `here` and `'s`. */
export interface Split {
  readonly from: string;
  readonly into: readonly string[];
}

/** A marker of a label, or something that looks like a marker. */
export interface FoundMarker {
  readonly text: string;
  /**
   * How it is treated. `words`: the words in its brackets are aligned. `half marked`: it lacks a bracket or has signs of
   * emphasis, and is aligned as a word.
   */
  readonly use: 'left out' | 'unknown sound' | 'words' | 'half marked';
}

export interface LabelWords {
  readonly words: readonly Word[];
  readonly markers: readonly FoundMarker[];
  readonly shortForms: readonly ShortForm[];
}

export interface WordRules extends TextRules {
  /** Whether a dictionary has a look-up form. */
  readonly isKnown: (lookup: string) => boolean;
  /** Whether the engine can align speech that was not understood, as a word with the look-up form UNKNOWN_SPEECH. */
  readonly takesUnknown: boolean;
}

/**
 * Collects all look-up forms that the words of some labels may have. Only these are then read from the dictionaries:
 * ```ts
 * const lexicon = await buildLexicon({ ...sources, words: collectCandidates(labels, rules) });
 * const { words } = resolveLabel(label, { ...rules, isKnown: (form) => lexicon.known.has(form), takesUnknown });
 * ```
 * @param labels - texts of intervals, after the language's clean-up rules
 * @internal
 */
export function collectCandidates(labels: Iterable<string>, rules: TextRules): Set<string> {
  return atOnce(collectCandidatesInPieces(labels, rules));
}

/** As `collectCandidates`, but the event loop can run other work in between. */
export function* collectCandidatesInPieces(
  labels: Iterable<string>,
  { markers }: TextRules,
): InPieces<Set<string>> {
  const work = new Piece();
  const seen = new Set<string>();
  const candidates = new Set([UNKNOWN_SPEECH]);
  for (const label of labels) {
    for (const piece of splitLabel(label, markers)) {
      if (piece.kind !== 'text') candidates.add(lookupForm(piece.text));
      for (const token of tokens(spokenIn(piece))) {
        if (seen.has(token)) continue;
        seen.add(token);
        const parts = wordForms(token).flatMap((form) => [form, ...splitCandidates(form)]);
        for (const part of [...parts, partOutsideBrackets(token) ?? '']) {
          for (const lookup of lookupsOf(part)) candidates.add(lookup);
        }
      }
    }
    if (work.add(label)) yield;
  }
  candidates.delete('');
  return candidates;
}

/**
 * Finds the words of a label, in order, its markers and its short forms.
 *
 * A token becomes the first of these that is known: the token unchanged (`etc.`, `'tis`, `{BR}`); without punctuation at its
 * edges; its parts between apostrophes and hyphens, as the language divides words (`l'` `école`; `est` `-ce`). Otherwise it is a
 * marker or one unknown word. Punctuation without a word is not a word, unless a dictionary has it.
 * A marker that lacks a bracket is a word if it is known: a typing error or emphasis is more likely.
 * If unknown speech is all that a label has, it has no words.
 */
export function resolveLabel(label: string, rules: WordRules): LabelWords {
  const words: Word[] = [];
  const markers: FoundMarker[] = [];
  const shortForms: ShortForm[] = [];
  const isMixedCase = !CAPITALS.test(label);
  const addMarker = (kind: MarkerKind, text: string) => {
    const isSpeech = kind === 'speech' && (rules.takesUnknown || rules.isKnown(UNKNOWN_SPEECH));
    if (isSpeech) words.push({ text, lookup: UNKNOWN_SPEECH, known: rules.isKnown(UNKNOWN_SPEECH) });
    // A marker of signs alone, such as (.), is not worth a warning.
    if (isSpeech || LETTER_OR_DIGIT.test(text))
      markers.push({ text, use: isSpeech ? 'unknown sound' : 'left out' });
  };
  for (const piece of splitLabel(label, rules.markers)) {
    const { kind, text } = piece;
    if (kind === 'bracketed') {
      markers.push({ text, use: 'words' });
    } else if (kind === 'text') {
      const found = tokens(text);
      for (const [index, token] of found.entries()) {
        const forms = wordForms(token);
        const bare = bareMarker(token, forms, label, rules);
        if (bare !== null) {
          addMarker(bare, token);
          continue;
        }
        const own = resolveToken(token, forms, rules);
        words.push(...own);
        const short = shortFormOf({ token, next: found[index + 1], words: own, isMixedCase });
        if (short !== null) shortForms.push(short);
      }
    } else {
      const lookup = lookupForm(text);
      const isWord = kind !== 'silence' && lookup !== UNKNOWN_SPEECH && rules.isKnown(lookup);
      const inside = tokens(spokenIn(piece)).flatMap((token) => resolveToken(token, wordForms(token), rules));
      if (isWord) words.push({ text, lookup, known: true });
      else if (inside.length > 0 && inside.every(({ known }) => known)) {
        words.push(...inside);
        markers.push({ text, use: 'half marked' });
      } else addMarker(kind, text);
    }
  }
  // Without any word that was understood, there is nothing to align.
  if (words.some(({ lookup }) => lookup !== UNKNOWN_SPEECH)) return { words, markers, shortForms };
  return {
    words: [],
    shortForms,
    markers: markers.map(({ text, use }) => ({ text, use: use === 'words' ? use : 'left out' })),
  };
}

/**
 * The kind of a marker without brackets; null: the token is a word. A token that is also in a dictionary is a marker only if it is
 * the whole label, or the only capitals in it.
 */
function bareMarker(
  token: string,
  forms: readonly string[],
  label: string,
  { markers, isKnown }: WordRules,
): MarkerKind | null {
  const form = forms.find((one) => markers.bare(one) !== null);
  if (form === undefined) return null;
  const kind = markers.bare(form);
  if (!isKnown(lookupForm(form))) return kind;
  const isAlone = kind === 'silence' && token === label.trim();
  // Such as SIL among words in small letters.
  return isAlone || (CAPITALS.test(form) && !CAPITALS.test(label)) ? kind : null;
}

function resolveToken(token: string, candidates: readonly string[], { isKnown, splits }: WordRules): Word[] {
  const isKnownForm = (form: string) => lookupsOf(form).some(isKnown);
  const toKnown = (text: string): Word => {
    const lookup = lookupsOf(text).find(isKnown) ?? lookupForm(text);
    return { text, lookup, known: true };
  };
  const whole = candidates.find(isKnownForm);
  if (whole !== undefined) return [toKnown(whole)];
  for (const form of candidates) {
    const parts = splitIntoKnown(form, splits, isKnownForm);
    if (parts === null) continue;
    const split = { from: form, into: parts };
    return parts.map((part, index) => (index === 0 ? { ...toKnown(part), split } : toKnown(part)));
  }
  const outside = partOutsideBrackets(token);
  if (outside !== null && isKnownForm(outside)) return [toKnown(outside)];
  const bare = candidates.at(-1) ?? token;
  return LETTER_OR_DIGIT.test(bare) ? [{ text: bare, lookup: lookupForm(bare), known: false }] : [];
}

/**
 * The look-up forms of a word, with other spellings that a dictionary may have: `soeur` for `sœur`, `strasse` for `straße` (as in
 * Switzerland), and `straße` for `STRASSE` (a capital `ß` is rare).
 */
function lookupsOf(form: string): string[] {
  const lookup = lookupForm(form);
  const spelledOut = lookup.replaceAll('œ', 'oe').replaceAll('æ', 'ae').replaceAll('ß', 'ss');
  if (spelledOut !== lookup) return [lookup, spelledOut];
  return form.includes('SS') ? [lookup, lookup.replaceAll('ss', 'ß')] : [lookup];
}

/** The text of a piece that may have been spoken. */
function spokenIn(piece: LabelPiece): string {
  if (piece.kind === 'text') return piece.text;
  return 'word' in piece ? (piece.word ?? '') : '';
}

function tokens(text: string): string[] {
  return text.split(GAP).filter((token) => token !== '');
}
