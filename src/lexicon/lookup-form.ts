const NOT_PLAIN = /[`\u0080-\uFFFF]/;
/** Typographic and modifier apostrophes, and accents typed for them: they stand where dictionaries have `'`. */
const APOSTROPHES = /[`\u00B4\u02BC\u2018\u2019\u201B\u2032\uFF07]/g;
const HYPHENS = /[\u2010\u2011]/g;
/** Soft hyphens, zero-width blanks and joiners, direction marks: invisible in Praat, pasted in with the text. */
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]|[\u034F\uFE00-\uFE0F]/g;
/** What becomes of the Turkish capital `İ`, whose small letter is `i`. */
const DOTTED_I = /i\u0307/g;

/**
 * The form under which a word is looked up, in dictionaries and in transcripts alike: NFC, lower case by
 * Unicode's rules that depend on no locale (so Turkish `I` and `İ` give `i`), apostrophes as `'`, hyphens as `-`,
 * invisible characters left out.
 */
export function lookupForm(word: string): string {
  if (!NOT_PLAIN.test(word)) return word.toLowerCase();
  const plain = word.replace(INVISIBLE, '').replace(APOSTROPHES, "'").replace(HYPHENS, '-').toLowerCase();
  // Composed last: J with caron has no letter of its own, j with caron has one.
  return plain.replace(DOTTED_I, 'i').normalize('NFC');
}
