import { readUsablePhones } from './dictionary.ts';
import type { Language } from './language.ts';

/** Phones of English corpora, with digits for stress. */
const ARPABET = new Set(
  (
    'AA AE AH AO AW AX AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH DX EL EN ' +
    'BR LG NS CG LS'
  ).split(' '),
);
const NO_PHONES = new Set([
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
/** Signs of the International Phonetic Alphabet that few languages write their words with. */
const IPA_SIGN = /[\u0250-\u02ff\u1d00-\u1dbf\u03b2\u03b8\u03c7]|\u0361/u;
const MARKS = /[\p{M}\p{Lm}]/gu;
const LETTER = /^\p{L}$/u;
const MAX_IPA_LETTERS = 3;

/** Whether a label is a phone: of the language, in its own alphabet or IPA, of any IPA transcription, or ARPAbet. */
export type IsPhone = (label: string) => boolean;

export async function readPhoneLabels(language: Language): Promise<IsPhone> {
  const { complexToSimple, ipa } = language;
  const all = new Set([
    ...(await readUsablePhones(language)),
    ...complexToSimple.keys(),
    ...complexToSimple.values(),
    ...ipa.keys(),
    ...ipa.values(),
  ]);
  return (label) =>
    all.has(label) ||
    NO_PHONES.has(label.toLowerCase()) ||
    ARPABET.has(label.toUpperCase().replace(/[0-2]$/, '')) ||
    isIpa(label);
}

/** `ʃ`, `tʃʰ`, `uː`; or one letter, with marks or without: `t`, `n̥`. */
function isIpa(label: string): boolean {
  const letters = label.normalize('NFD').replace(MARKS, '');
  return LETTER.test(letters) || ([...letters].length <= MAX_IPA_LETTERS && IPA_SIGN.test(label));
}
