import { readUsablePhones } from './dictionary.ts';
import type { Language } from './language.ts';

/** Labels of ARPAbet in English corpora, without the digits for stress. The last ones are noises and pauses. */
const ARPABET = new Set(
  (
    'AA AE AH AO AW AX AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH DX EL EN ' +
    'BR LG NS CG LS'
  ).split(' '),
);
/** Labels by which aligners write pauses and noise, in lower case. */
const PAUSES = new Set([
  'sil',
  'sp',
  'spn',
  'nsn',
  'ns',
  '<eps>',
  '<p:>',
  '<nib>',
  '<usb>',
  '{sl}',
  '#',
  '_',
]);
/** Signs of the International Phonetic Alphabet that are rare in the spelling of words. */
const IPA_SIGN = /[\u0250-\u02ff\u1d00-\u1dbf\u03b2\u03b8\u03c7]|\u0361/u;
const MARKS = /[\p{M}\p{Lm}]/gu;
const LETTER = /^\p{L}$/u;
const WITHOUT_VOWEL = /^[b-df-hj-np-tv-z]+$/i;
const STRESSED = /[0-2]$/;
const NOT_ONLY_LETTERS = /[^\p{L}\p{M}]/u;
/** Labels of phones that are also words, such as `uh` and `oh`: a tier of them may be the speech of a listener. */
const FILLERS = new Set('ah aw eh en er ey hh k m n ow oy sh uh'.split(' '));
const MAX_IPA_LETTERS = 3;

export interface PhoneLabels {
  /** Whether a label may be a phone: one of the language, in its alphabet or in IPA, or of IPA or ARPAbet in general. */
  readonly isPhone: (label: string) => boolean;
  /** Whether a label is a pause or noise, as aligners write them. */
  readonly isPause: (label: string) => boolean;
  /**
   * Whether a phone cannot be a word: it is a consonant, an ARPAbet vowel in capitals or with a digit for stress, or has a sign
   * that is rare in words. `uh`, `m` and `a` may be words of a listener.
   */
  readonly isPhoneOnly: (phone: string) => boolean;
}

/** Whether a label is a pause or noise, as aligners write them. */
export function isPause(label: string): boolean {
  return PAUSES.has(label.toLowerCase());
}

export async function readPhoneLabels(language: Language): Promise<PhoneLabels> {
  const { complexToSimple, ipa } = language;
  const all = new Set([
    ...(await readUsablePhones(language)),
    ...complexToSimple.keys(),
    ...complexToSimple.values(),
    ...ipa.keys(),
    ...ipa.values(),
  ]);
  return {
    isPhone: (label) => all.has(label) || isPause(label) || isArpabet(label) || isIpa(label),
    isPause,
    isPhoneOnly: (label) => {
      if (isPause(label)) return false;
      if (IPA_SIGN.test(label) || NOT_ONLY_LETTERS.test(label)) return true;
      if (FILLERS.has(label.toLowerCase())) return false;
      const isCapital = label.length > 1 && label === label.toUpperCase();
      return WITHOUT_VOWEL.test(label) || (isCapital && isArpabet(label));
    },
  };
}

function isArpabet(label: string): boolean {
  return ARPABET.has(label.toUpperCase().replace(STRESSED, ''));
}

/** Whether a label is IPA such as `ʃ`, `tʃʰ` and `uː`, or one letter with or without marks, such as `t` and `n̥`. */
function isIpa(label: string): boolean {
  const letters = label.normalize('NFD').replace(MARKS, '');
  return LETTER.test(letters) || ([...letters].length <= MAX_IPA_LETTERS && IPA_SIGN.test(label));
}
