const NOT_PLAIN = /[`\u0080-\uFFFF]/;
/** Typographic and modifier apostrophes, and accents that are typed instead: dictionaries have `'`. */
const APOSTROPHES = /[`\u00B4\u02BC\u2018\u2019\u201B\u2032\uFF07]/g;
const HYPHENS = /[\u2010\u2011]/g;
/** Soft hyphens, zero-width characters and direction marks: they come with pasted text, and are invisible in Praat. */
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]|[\u034F\uFE00-\uFE0F]/g;
/** `ﬁ` and the like, which text copied out of a PDF has in place of `fi`. */
const LIGATURES = /[\uFB00-\uFB06]/g;
/** The result of toLowerCase() for the Turkish capital `İ`, whose small letter is `i`. */
const DOTTED_I = /i\u0307/g;

/**
 * The form in which words of dictionaries and transcripts are compared: NFC, lower case by the rules of Unicode without a locale
 * (so Turkish `I` and `İ` become `i`), apostrophes as `'`, hyphens as `-`, ligatures of print as letters, without
 * invisible characters.
 */
export function lookupForm(word: string): string {
  if (!NOT_PLAIN.test(word)) return word.toLowerCase();
  const plain = word
    .replace(INVISIBLE, '')
    .replace(APOSTROPHES, "'")
    .replace(HYPHENS, '-')
    .replace(LIGATURES, (ligature) => ligature.normalize('NFKC'))
    .toLowerCase();
  // NFC comes last: Unicode has a composed `ǰ`, but no composed capital of it.
  return plain.replace(DOTTED_I, 'i').normalize('NFC');
}
