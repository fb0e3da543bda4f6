/**
 * A language: the resources that one engine needs for it. Either a folder `ADMIN/<code>/` or one
 * that comes with the built-in engine.
 */
export interface Language {
  /** Language, country, engine and version, such as `engUS_SPHINX_v010`. */
  readonly code: string;
  /** Name for people, such as "English (US)". */
  readonly displayName: string;
  readonly engine: string;
  /** Names the result folder of the phone labels, such as `ARPAbet`. */
  readonly alphabet: string;
  /** Dictionary in the phone set of the acoustic model: what the engine gets. */
  readonly dictionaryPath: string;
  /** Dictionary in the full phone set, where it differs from `dictionaryPath`. */
  readonly complexDictionaryPath: string | null;
  /** Acoustic model (a zip file or a folder), for engines that take one. */
  readonly acousticModelPath: string | null;
  /** Phones that a user dictionary may use. Empty: not checked. */
  readonly phones: ReadonlySet<string>;
  /** Phone of the full set -> phone of the acoustic model. Empty: the sets are the same. */
  readonly complexToSimple: ReadonlyMap<string, string>;
  /** Phone label -> IPA, exact match. A label that is missing stays as it is. */
  readonly ipa: ReadonlyMap<string, string>;
  readonly citation: string | null;
  readonly guidePath: string | null;
}

/** One pronunciation of a word: one line of a dictionary. */
export interface Pronunciation {
  /** Look-up form: NFC, lower case. */
  readonly word: string;
  readonly phones: readonly string[];
}
