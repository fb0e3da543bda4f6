/** A vowel of ARPAbet with its stress: 0 none, 1 primary, 2 secondary. */
const STRESSED_VOWEL = /^([A-Z]{2})([012])$/;
/** The English vowels that change without stress: the first vowel of "about", the last one of "letter". */
const UNSTRESSED = new Map([
  ['ʌ', 'ə'],
  ['ɝ', 'ɚ'],
]);

/**
 * Converts a phone label to IPA. The case of the label counts: Spanish `r` and `R` are two phones. If the language lists an
 * ARPAbet vowel only without stress, `AH1` becomes the IPA of `AH`, and `AH0` its unstressed form. A label that the language does
 * not list stays unchanged.
 * @param ipa - phone label -> IPA
 */
export function toIpa(label: string, ipa: ReadonlyMap<string, string>): string {
  const own = ipa.get(label);
  if (own !== undefined) return own;
  const [, vowel = '', stress] = STRESSED_VOWEL.exec(label) ?? [];
  const full = ipa.get(vowel);
  if (full === undefined) return label;
  return stress === '0' ? (UNSTRESSED.get(full) ?? full) : full;
}
