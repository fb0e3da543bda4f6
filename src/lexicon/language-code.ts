/** The parts of a language's code, such as `sweSE_MFA1_v020`. */
export interface LanguageCode {
  readonly code: string;
  /** ISO 639-3: `swe`. */
  readonly language: string;
  /** ISO 3166-1: `SE`. */
  readonly country: string;
  readonly engine: string;
  /** Digits, which a letter may follow: `020`, `0200a`. */
  readonly version: string;
}

const CODE = /^([a-z]{2,3})([A-Z]{2})_([A-Z][A-Z0-9]*)_v(\d{2,}[a-z]?)$/;
/** The web application marks a language that it has guessed in this way. */
const SUGGESTED = / \(suggested\)$/;

/** @returns null when the text is not a language code. Codes name folders, so no other text may pass */
export function parseLanguageCode(text: string): LanguageCode | null {
  const match = CODE.exec(text.trim().replace(SUGGESTED, ''));
  if (match === null) return null;
  const [code, language = '', country = '', engine = '', version = ''] = match;
  return { code, language, country, engine, version };
}
