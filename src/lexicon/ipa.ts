/** A vowel of ARPAbet with its stress: 0 none, 1 primary, 2 secondary. */
const STRESSED_VOWEL = /^([A-Z]{2})([012])$/;
/** What English makes of a vowel without stress: the first one of "about" and the last one of "letter". */
const UNSTRESSED = new Map([
  ['ʌ', 'ə'],
  ['ɝ', 'ɚ'],
]);

/**
 * A phone label in IPA. The label must match as it is, case and all: Spanish `r` and `R` are two sounds. A vowel of
 * ARPAbet that the language lists without its stress is taken from there: `AH1` is `AH`, and `AH0` its unstressed kind.
 * A label that the language does not list stays.
 */
export function toIpa(label: string, ipa: ReadonlyMap<string, string>): string {
  const own = ipa.get(label);
  if (own !== undefined) return own;
  const [, vowel = '', stress] = STRESSED_VOWEL.exec(label) ?? [];
  const full = ipa.get(vowel);
  if (full === undefined) return label;
  return stress === '0' ? (UNSTRESSED.get(full) ?? full) : full;
}
