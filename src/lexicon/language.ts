import type { CleanupRule } from './cleanup-rules.ts';
import type { MarkerRule } from './markers/table.ts';

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
  /**
   * Dictionary in the full phone set, where it differs from `dictionaryPath`. The same path: there is only the
   * full one, and what the engine gets is mapped from it through `complexToSimple`.
   */
  readonly complexDictionaryPath: string | null;
  /** Acoustic model (a zip file or a folder), for engines that take one. */
  readonly acousticModelPath: string | null;
  /** Phones that a user dictionary may use. Empty: those that the dictionary uses. */
  readonly phones: ReadonlySet<string>;
  /** Phone of the full set -> phone of the acoustic model. Empty: the sets are the same. */
  readonly complexToSimple: ReadonlyMap<string, string>;
  /** Phone label -> IPA, exact match. A label that is missing stays as it is. */
  readonly ipa: ReadonlyMap<string, string>;
  /**
   * Gives the phones of a word with stress, for a dictionary that has none; used for IPA alone. Not there: they are taken as
   * they are.
   */
  readonly markStress?: (word: string, phones: readonly string[]) => readonly string[];
  /** Phone label -> a word in which it is heard. Not there, or no such word in the dictionary: any word that has it. */
  readonly examples?: ReadonlyMap<string, string>;
  readonly citation: string | null;
  readonly guidePath: string | null;
  /** The language alone, such as "Swedish" of "Swedish - SweFA 2.0"; names the guide in the zip. */
  readonly languageName?: string;
  /** What is done to a label's text before its words are looked up, in order. */
  readonly cleanupRules?: readonly CleanupRule[];
  /** What is not speech in its transcripts, beyond what is common; see `markersOf`. */
  readonly markerRules?: readonly MarkerRule[];
  /** Model that makes pronunciations of unknown words (a zip file). */
  readonly g2pModelPath?: string | null;
  /** Encoding of old transcripts that are not Unicode, as TextDecoder names it. */
  readonly legacyEncoding?: string | null;
  /** Group in the list that users choose from. */
  readonly type?: 'nordic' | 'other';
  /** Codes of languages that users may take instead. */
  readonly alternatives?: readonly string[];
  /** Place in the list that users choose from, the smallest first. */
  readonly priority?: number;
}

/** One pronunciation of a word: one line of a dictionary. */
export interface Pronunciation {
  /** Look-up form, see lookupForm: NFC, lower case. */
  readonly word: string;
  readonly phones: readonly string[];
}

/**
 * Finds a language by its code, as its folder is now.
 * @throws TaskError E_LANGUAGE_UNKNOWN, E_LANGUAGE_BROKEN
 */
export type FindLanguage = (code: string) => Promise<Language>;
