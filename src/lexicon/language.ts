import type { CleanupRule } from './cleanup-rules.ts';
import type { MarkerRule } from './markers/table.ts';

/** What one engine needs for one language. It is in a folder `ADMIN/<code>/`, or comes with the built-in engine. */
export interface Language {
  /** Language, country, engine and version, such as `engUS_SPHINX_v010`. */
  readonly code: string;
  /** The name that users see, such as "English (US)". */
  readonly displayName: string;
  readonly engine: string;
  /** Alphabet of the phone labels, such as `ARPAbet`. A folder of the result has this name. */
  readonly alphabet: string;
  /** Dictionary in the phone set of the acoustic model, which the engine gets. */
  readonly dictionaryPath: string;
  /**
   * Dictionary in the full phone set; null: it does not differ. The same path as `dictionaryPath`: there is only the full
   * dictionary, and `complexToSimple` maps it for the engine.
   */
  readonly complexDictionaryPath: string | null;
  /** Acoustic model (a zip file or a folder); null: the engine needs none for this language. */
  readonly acousticModelPath: string | null;
  /** Phones that a user dictionary may use. Empty: the phones that the dictionary uses. */
  readonly phones: ReadonlySet<string>;
  /** Phone of the full set -> phone of the acoustic model. Empty: the sets are the same. */
  readonly complexToSimple: ReadonlyMap<string, string>;
  /** Phone label -> IPA; the case counts. A label that is not in it stays unchanged. */
  readonly ipa: ReadonlyMap<string, string>;
  /** Adds stress to the phones of a word, if the dictionary has none; only for IPA. Left out: the phones stay unchanged. */
  readonly markStress?: (word: string, phones: readonly string[]) => readonly string[];
  /** Phone label -> example word. If it is left out or the dictionary does not have the word, another word is taken. */
  readonly examples?: ReadonlyMap<string, string>;
  readonly citation: string | null;
  readonly guidePath: string | null;
  /** Name without the version, such as "Swedish" of "Swedish - SweFA 2.0"; the guide in the zip has this name. */
  readonly languageName?: string;
  /** Changes to the text of a label before its words are looked up, in order. */
  readonly cleanupRules?: readonly CleanupRule[];
  /** Markers of its transcripts, in addition to the common ones; see `markersOf`. */
  readonly markerRules?: readonly MarkerRule[];
  /** Model that guesses the pronunciations of unknown words (a zip file). */
  readonly g2pModelPath?: string | null;
  /** Encoding of old transcripts that are not Unicode, as a name of TextDecoder. */
  readonly legacyEncoding?: string | null;
  /** Its group in the list of languages. */
  readonly type?: 'nordic' | 'other';
  /** Codes of languages that users may choose instead. */
  readonly alternatives?: readonly string[];
  /** Its place in the list of languages, the smallest first. */
  readonly priority?: number;
}

/** One pronunciation of a word, as in one line of a dictionary. */
export interface Pronunciation {
  /** Look-up form, see `lookupForm`. */
  readonly word: string;
  readonly phones: readonly string[];
}

/**
 * Reads the language with a code from its folder.
 * @throws TaskError E_LANGUAGE_UNKNOWN, E_LANGUAGE_BROKEN
 */
export type FindLanguage = (code: string) => Promise<Language>;
