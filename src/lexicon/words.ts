import { atOnce, type InPieces, Piece } from '../base/pieces.ts';
import { lookupForm } from './lookup-form.ts';
import { splitCandidates, splitIntoKnown } from './word-parts.ts';

/** Between words: white space, and the dashes and dots that are set without blanks. */
const GAP = /(?:[\s\u2013\u2014\u2026]|--+|\.{3,})+/u;
const EDGE_START = /^[\p{P}\p{S}]+/u;
const EDGE_SIGN = /^[\p{P}\p{S}]$/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** One word of a transcription. */
export interface Word {
  /** As transcribed, without the punctuation around it: what the result's word tier shows. */
  readonly text: string;
  /** What dictionaries and engines know it by. */
  readonly lookup: string;
  readonly known: boolean;
  /** Only of the first part of a token that was taken apart. */
  readonly split?: Split;
}

/** A token that is known in parts only: `here's` as `here` and `'s`. */
export interface Split {
  readonly from: string;
  readonly into: readonly string[];
}

/**
 * Everything that the words of some labels may have to be looked up as. Only what is asked for is read from the
 * dictionaries, so ask for all of it first, then resolve:
 * ```ts
 * const lexicon = await buildLexicon({ ...sources, words: collectCandidates(labels) });
 * const words = resolveWords(label, (form) => lexicon.known.has(form));
 * ```
 * @param labels - texts of intervals, after the language's clean-up rules
 */
export function collectCandidates(labels: Iterable<string>): Set<string> {
  return atOnce(collectCandidatesInPieces(labels));
}

/** The same for labels that may be many. */
export function* collectCandidatesInPieces(labels: Iterable<string>): InPieces<Set<string>> {
  const piece = new Piece();
  const seen = new Set<string>();
  const candidates = new Set<string>();
  for (const label of labels) {
    for (const token of tokens(label)) {
      if (seen.has(token)) continue;
      seen.add(token);
      for (const form of forms(token)) {
        for (const part of [form, ...splitCandidates(form)]) {
          for (const lookup of lookupsOf(part)) candidates.add(lookup);
        }
      }
    }
    if (piece.add(label)) yield;
  }
  candidates.delete('');
  return candidates;
}

/**
 * The words of a label, in order. A token is taken as it stands if that is known (`etc.`, `'tis`), else without
 * the punctuation at its edges, else in parts if all of them are known: after an apostrophe and around hyphens
 * (`l'` `école`; `est` `-ce`), as the French dictionaries spell them. Otherwise it is one unknown word.
 * A token of punctuation alone is no word unless a dictionary has it.
 */
export function resolveWords(label: string, isKnown: (lookup: string) => boolean): Word[] {
  return tokens(label).flatMap((token) => resolveToken(token, isKnown));
}

function resolveToken(token: string, isKnown: (lookup: string) => boolean): Word[] {
  const isKnownForm = (form: string) => lookupsOf(form).some(isKnown);
  const toKnown = (text: string): Word => {
    const lookup = lookupsOf(text).find(isKnown) ?? lookupForm(text);
    return { text, lookup, known: true };
  };
  const candidates = forms(token);
  const whole = candidates.find(isKnownForm);
  if (whole !== undefined) return [toKnown(whole)];
  for (const form of candidates) {
    const parts = splitIntoKnown(form, isKnownForm);
    if (parts === null) continue;
    const split = { from: form, into: parts };
    return parts.map((part, index) => (index === 0 ? { ...toKnown(part), split } : toKnown(part)));
  }
  const bare = candidates.at(-1) ?? token;
  return LETTER_OR_DIGIT.test(bare) ? [{ text: bare, lookup: lookupForm(bare), known: false }] : [];
}

/** A form as dictionaries may spell it: `sœur`, or `soeur` where they know no ligatures. */
function lookupsOf(form: string): string[] {
  const lookup = lookupForm(form);
  const spelledOut = lookup.replaceAll('œ', 'oe').replaceAll('æ', 'ae');
  return spelledOut === lookup ? [lookup] : [lookup, spelledOut];
}

function tokens(label: string): string[] {
  return label.split(GAP).filter((token) => token !== '');
}

/** A token as it stands, then with one sign left at each edge (`a.m.` of `a.m."`), at one edge, at none. */
function forms(token: string): string[] {
  const before = EDGE_START.exec(token)?.[0].length ?? 0;
  if (before === token.length) return [token];
  const after = signsAtEnd(token);
  if (before + after === 0) return [token];
  const kept = (startCount: number, endCount: number) =>
    token.slice(Math.max(0, before - startCount), token.length - Math.max(0, after - endCount));
  return [...new Set([token, kept(1, 1), kept(1, 0), kept(0, 1), kept(0, 0)])];
}

/** Length of the signs that end a token. A regular expression would look at each run of signs inside it again and again. */
function signsAtEnd(token: string): number {
  let at = token.length;
  while (at > 0) {
    const isPair = at > 1 && (token.codePointAt(at - 2) ?? 0) > 0xffff;
    const next = isPair ? at - 2 : at - 1;
    if (!EDGE_SIGN.test(token.slice(next, at))) break;
    at = next;
  }
  return token.length - at;
}
