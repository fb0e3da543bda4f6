import type { Search } from '../base/site-policy.ts';
import type { Language, Pronunciation } from '../lexicon/language.ts';

/**
 * A forced aligner. All drivers have this interface and pass the conformance suite (tests/engines/conformance.test.ts); the code
 * outside this folder does not know which engine runs. The ids of files and tiers are neutral ASCII: no name that a user has
 * given reaches an engine.
 */
export interface Engine {
  readonly name: string;
  readonly audio: AudioPolicy;
  /** Phone label of a word without a known pronunciation; null: the engine cannot align such words. */
  readonly unknownPhone: string | null;
  /** Whether another start with the same input gives the same result, so that a second run is useless. */
  readonly isDeterministic?: boolean;
  /** Whether it leaves out words that are not said, gives `at` for the others, and aligns utterances of any length. */
  readonly leavesOut?: boolean;
  /** Its CPU time on one core, measured with its usual search. Left out: not known. */
  readonly cost?: EngineCost;
  /** Languages that come with the engine. */
  readonly builtInLanguages: readonly Language[];
  /** Finds the engine and its version. Never throws. It is fast enough for the start of a worker and `doctor`. */
  check(signal: AbortSignal): Promise<EngineHealth>;
  /**
   * Aligns all utterances of a task.
   * @returns what the engine has aligned, in any order. The caller finds out what is missing; a driver adds nothing.
   * @throws TaskError E_ENGINE_FAILED, E_ENGINE_TIMEOUT or E_ENGINE_SILENT when there is no usable result; the fault of a file has
   *   its id as `file`. The reason of `signal` when aborted. When the promise settles, all its processes have ended.
   */
  align(request: AlignmentRequest, context: EngineContext): Promise<AlignedTier[]>;
  /**
   * Guesses the pronunciations of words by the language's `g2pModelPath`. Left out: the engine has no such program.
   * @param words - look-up forms, each once
   * @returns pronunciations in the full phone set, in any order. A word may have several, or none. The caller checks whether the
   *   language has the phones.
   * @throws TaskError when there is no pronunciation at all; the reason of the signal when aborted
   */
  pronounce?(words: readonly string[], language: Language, context: EngineContext): Promise<Pronunciation[]>;
  /** Does the same by rules that the engine has for its only language, without a model. */
  pronounceByRules?(words: readonly string[], context: EngineContext): Promise<Pronunciation[]>;
}

export interface EngineCost {
  readonly startSec: number;
  readonly startsFor: 'task' | 'recording';
  /** Seconds per second of speech. */
  readonly perSpeechSec: number;
  /** Additional seconds per second of speech in utterances that the engine must divide first. */
  readonly perLongSec?: number;
}

export interface AudioPolicy {
  /** Audio with a rate from `minHz` to `maxHz` is given unchanged; other audio is resampled to `resampleToHz`. */
  readonly minHz: number;
  readonly maxHz: number;
  readonly resampleToHz: number;
}

export interface EngineHealth {
  /** `off`: its setting is not set; `missing`: it is not where the setting says; `sick`: it exists, but does not work. */
  readonly state: 'ready' | 'off' | 'missing' | 'sick' | 'checking';
  readonly version: string | null;
  /** What was found, or the fault and the fix. */
  readonly note: string;
}

export interface AlignmentRequest {
  readonly language: Language;
  /** All pronunciations of the words of the request, in the order of the dictionary. */
  readonly pronunciations: readonly Pronunciation[];
  readonly files: readonly AlignmentFile[];
  /**
   * `wide`: slower; it finds words that the usual search loses, also words that are not said. Left out: `usual`. An engine with
   * only one search ignores it.
   */
  readonly search?: Search;
  /**
   * Whether the words are of another language, in the nearest phones of the model. If so, only words of long utterances that a
   * search heard count, and no word is expected at a place. Only for engines that leave words out. Left out: false.
   */
  readonly isForeign?: boolean;
}

export interface AlignmentFile {
  readonly id: string;
  /** A 16-bit PCM mono wav in the workspace of the task, with a rate that `AudioPolicy` allows. */
  readonly audioPath: string;
  readonly sampleRateHz: number;
  readonly durationSec: number;
  readonly tiers: readonly AlignmentTier[];
}

/** The utterances of one speaker in one file. Engines adapt to speakers, so a driver must keep the speakers apart. */
export interface AlignmentTier {
  /** Unique in the request. */
  readonly id: string;
  /** Tiers of different files with the same `speaker` are of the same person. Left out: no other tier has this speaker. */
  readonly speaker?: string;
  /** In time order, without overlaps, inside the audio, at least MIN_UTTERANCE_SEC long. Each has words. */
  readonly utterances: readonly Utterance[];
}

export interface Utterance {
  readonly startSec: number;
  readonly endSec: number;
  /** Look-up forms, each with at least one pronunciation in the request. */
  readonly words: readonly string[];
}

/** Engines do not get shorter utterances. Source: runs of MFA and FAVE with short intervals. */
export const MIN_UTTERANCE_SEC = 0.1;

export interface AlignedTier {
  readonly fileId: string;
  readonly tierId: string;
  /** In time order; seconds from the start of the file. Silence is not a word. */
  readonly words: readonly AlignedWord[];
  /** Aligned stretches that may be wrong. They are kept, and reported to the user. */
  readonly doubts?: readonly Doubt[];
  /** Utterances that the engine did not try, since it failed at others before. */
  readonly untried?: readonly Utterance[];
  /** Speech in utterances that is not in their text, in time order, as far as the engine finds it. */
  readonly unwritten?: readonly Speech[];
}

export interface Speech {
  readonly startSec: number;
  readonly endSec: number;
}

export interface Doubt {
  readonly startSec: number;
  readonly endSec: number;
  /** For the user, such as "the words fit the audio badly". */
  readonly reason: string;
}

export interface AlignedWord extends AlignedPhone {
  /** Its place in its utterance, from 0. Left out: the engine does not know it, and must not leave out single words. */
  readonly at?: number;
  readonly phones: readonly AlignedPhone[];
}

export interface AlignedPhone {
  readonly label: string;
  readonly startSec: number;
  readonly endSec: number;
}

export interface EngineContext {
  /** An empty folder for this start alone, in ASCII without blanks. The caller deletes it. */
  readonly workDir: string;
  /** The output of the engine is appended to this file, up to a limit; see `openProcessLog`. */
  readonly logPath: string;
  /** Cores that this run may use, at least 1. */
  readonly coreCount: number;
  /** Wall-clock limit for the whole start. */
  readonly timeoutSec: number;
  /** The engine is killed when it has written nothing for so long. */
  readonly silenceSec: number;
  readonly signal: AbortSignal;
  /** Gets the share that is done, 0 to 1, and a note about the current work. May be called at any rate. */
  readonly report: (progress: number, note?: string) => void;
  /** Called once for each process started. */
  readonly onStart?: (pid: number) => void;
}
