import type { Search } from '../../base/site-policy.ts';
import type { EngineCost } from '../engine.ts';
import type { MfaCorpus } from './corpus.ts';
import type { MfaDirs } from './dirs.ts';
import type { MfaHealth } from './health.ts';
import type { MfaSettings } from './settings.ts';

/** What is different between MFA 1 and MFA 2. */
export interface MfaKind<Version> {
  readonly name: 'MFA1' | 'MFA2';
  readonly cost: EngineCost;
  /** Beginnings of the lines that show progress, in order. */
  readonly phases: readonly string[];
  readonly check: (settings: MfaSettings, signal: AbortSignal) => Promise<MfaHealth<Version>>;
  /** Changes a dictionary line, `TOKEN<TAB>P1 P2`, to what this MFA can read. */
  readonly toDictionaryLine: (line: string) => string;
  /** The arguments after the program. */
  readonly toArguments: (start: MfaStart<Version>) => string[];
  /** The program that guesses pronunciations, with its arguments. */
  readonly toG2pCommand: (start: MfaG2pStart<Version>) => string[];
  /** Variables in addition to HOME and TMPDIR. */
  readonly toEnvironment: (dirs: MfaDirs) => Readonly<Record<string, string>>;
}

export interface MfaStart<Version> {
  readonly version: Version;
  readonly corpus: MfaCorpus;
  readonly dirs: MfaDirs;
  readonly modelPath: string;
  readonly search: Search;
}

export interface MfaG2pStart<Version> {
  readonly version: Version;
  /** The program that aligns, as in the setting. */
  readonly command: string;
  readonly dirs: MfaDirs;
  readonly modelPath: string;
  /** File with one word in each line. */
  readonly wordsPath: string;
  /** The dictionary that MFA writes. */
  readonly outPath: string;
}
