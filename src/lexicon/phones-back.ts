import { plural } from '../base/count-text.ts';
import type { Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { lookupForm } from './lookup-form.ts';

/** How many words are named; the others are only counted. */
const MAX_NAMED_WORDS = 20;
const UNKNOWN_WORD = '<unk>';

export interface Labelled {
  readonly label: string;
  readonly startSec: number;
  readonly endSec: number;
}

export interface LabelledWord extends Labelled {
  readonly phones: readonly Labelled[];
}

export interface PhoneSource {
  /** Pronunciations in the full phone set by look-up form, the preferred one first. */
  readonly complex: ReadonlyMap<string, readonly (readonly string[])[]>;
  readonly complexToSimple: ReadonlyMap<string, string>;
}

export interface RestoredPhones<Word> {
  /** The same words. Their phones have labels of the full set if a pronunciation fits. */
  readonly words: Word[];
  /** For how many words several pronunciations fit; the first one was taken. */
  readonly ambiguousCount: number;
  /** W_PHONES_SIMPLE: one for each word that keeps the phones of the acoustic model. */
  readonly warnings: Warning[];
}

/**
 * Replaces the labels of aligned phones by those of the full phone set: by the first pronunciation of the word that has the same
 * number of phones and whose phones all map to the aligned ones. If none fits, the phones stay unchanged.
 * @param where - the place of the words, for warnings
 */
export function restorePhones<Word extends LabelledWord>(
  words: readonly Word[],
  source: PhoneSource,
  where: { readonly file: string; readonly tier: string },
): RestoredPhones<Word> {
  const unmatched = new Map<string, Word[]>();
  let ambiguousCount = 0;
  const restored = words.map((word) => {
    if (word.label.trim() === '' || word.label === UNKNOWN_WORD || word.phones.length === 0) return word;
    const fitting = fittingPronunciations(word, source);
    const [labels] = fitting;
    if (labels === undefined) {
      const key = lookupForm(word.label);
      const same = unmatched.get(key);
      if (same === undefined) unmatched.set(key, [word]);
      else same.push(word);
      return word;
    }
    if (fitting.length > 1) ambiguousCount += 1;
    const phones = word.phones.map((phone, index) => ({ ...phone, label: labels[index] ?? phone.label }));
    return { ...word, phones };
  });
  return { words: restored, ambiguousCount, warnings: describeUnmatched(unmatched, where) };
}

function fittingPronunciations(word: LabelledWord, source: PhoneSource): (readonly string[])[] {
  const candidates = source.complex.get(word.label) ?? source.complex.get(lookupForm(word.label)) ?? [];
  return candidates.filter((candidate) => fits(candidate, word.phones, source.complexToSimple));
}

function fits(
  candidate: readonly string[],
  phones: readonly Labelled[],
  complexToSimple: ReadonlyMap<string, string>,
): boolean {
  if (candidate.length !== phones.length) return false;
  for (let index = 0; index < candidate.length; index++) {
    // Always mapped, even if the labels are equal: French `N` maps to `n`, and an aligned `N` comes from `§`.
    const phone = candidate[index] ?? '';
    if ((complexToSimple.get(phone) ?? phone) !== phones[index]?.label) return false;
  }
  return true;
}

function describeUnmatched(
  unmatched: ReadonlyMap<string, readonly LabelledWord[]>,
  { file, tier }: { readonly file: string; readonly tier: string },
): Warning[] {
  const warnings = [...unmatched].slice(0, MAX_NAMED_WORDS).map(([key, words]): Warning => {
    const [first] = words;
    const phones = first?.phones.map((phone) => phone.label).join(' ');
    const times = words.length === 1 ? '' : `, ${words.length} times`;
    const text = `no pronunciation of "${key}" fits the aligned phones ${phones}${times}; they keep the labels of the acoustic model`;
    return findingAt(
      'W_PHONES_SIMPLE',
      first === undefined ? { file, tier } : { file, tier, timeSec: first.startSec },
      text,
    );
  });
  const restCount = unmatched.size - warnings.length;
  if (restCount > 0) {
    const text = `and ${plural(restCount, 'more word')} with the labels of the acoustic model`;
    warnings.push(findingAt('W_PHONES_SIMPLE', { file, tier }, text));
  }
  return warnings;
}
