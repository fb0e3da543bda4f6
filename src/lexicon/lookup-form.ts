const NOT_ASCII = /[\u0080-\uFFFF]/;
/** Typographic and modifier apostrophes: keyboards and word processors put them where dictionaries have `'`. */
const APOSTROPHES = /[\u2018\u2019\u02BC\uFF07]/g;
const HYPHENS = /[\u2010\u2011]/g;
/** Soft hyphens, zero-width blanks and joiners, direction marks: invisible in Praat, pasted in with the text. */
const INVISIBLE = /[\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g;

/**
 * The form under which a word is looked up, in dictionaries and in transcripts alike: NFC, lower case by
 * Unicode's rules that depend on no locale (so Turkish `I` gives `i`), apostrophes as `'`, hyphens as `-`,
 * invisible characters left out.
 */
export function lookupForm(word: string): string {
  if (!NOT_ASCII.test(word)) return word.toLowerCase();
  const plain = word.replace(INVISIBLE, '').replace(APOSTROPHES, "'").replace(HYPHENS, '-').toLowerCase();
  // Composed last: J with caron has no letter of its own, j with caron has one.
  return plain.normalize('NFC');
}
