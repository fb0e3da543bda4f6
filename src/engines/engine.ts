import type { Search } from '../base/site-policy.ts';
import type { Language, Pronunciation } from '../lexicon/language.ts';

/**
 * A forced aligner behind one small interface. A driver is one file and passes
 * tests/engines/conformance.ts; nothing above this folder knows which engine runs.
 *
 * Ids (`a`, `b`, ...) are neutral ASCII: no name given by a user reaches an engine.
 */
export interface Engine {
  readonly name: string;
  readonly audio: AudioPolicy;
  /** Phone label of a word without a known pronunciation; null: the engine cannot align such words. */
  readonly unknownPhone: string | null;
  /** Whether a second start cannot find what the first one missed. */
  readonly isDeterministic?: boolean;
  /**
   * Whether it finds out by itself which words are not said, leaves them out, and gives the others their places; also in
   * utterances of any length.
   */
  readonly leavesOut?: boolean;
  /** Its CPU time on one core, as measured with its usual search. Left out: not known. */
  readonly cost?: EngineCost;
  /** Phone set and dictionaries that come with the engine itself, by language code. */
  readonly builtInLanguages: readonly Language[];
  /** Finds the engine and its version. Never throws; fast enough for start-up and `doctor`. */
  check(signal: AbortSignal): Promise<EngineHealth>;
  /**
   * Aligns all utterances of a task.
   * @returns what the engine produced, in any order, and nothing made up: what is missing is found by the caller.
   * @throws TaskError E_ENGINE_FAILED, E_ENGINE_TIMEOUT or E_ENGINE_SILENT when nothing usable came out, a fault of
   *   one file with its id as `file`; the reason of `signal` when aborted. When it settles, none of its processes is alive.
   */
  align(request: AlignmentRequest, context: EngineContext): Promise<AlignedTier[]>;
  /**
   * Guesses how words are pronounced, by the language's `g2pModelPath`. Not there: the engine has no such program.
   * @param words - look-up forms, each once
   * @returns in the language's full phone set, in no certain order, several for a word where the model says so; a
   *   word that it can make nothing of is left out. Whether the language has such phones is for the caller to check.
   * @throws TaskError when nothing came out; the reason of the signal when aborted
   */
  pronounce?(words: readonly string[], language: Language, context: EngineContext): Promise<Pronunciation[]>;
  /** The same by rules that the engine has for its only language, without a model. */
  pronounceByRules?(words: readonly string[], context: EngineContext): Promise<Pronunciation[]>;
}

export interface EngineCost {
  readonly startSec: number;
  readonly startsFor: 'task' | 'recording';
  /** Seconds for a second of speech, and how many more in utterances that the engine has to divide first. */
  readonly perSpeechSec: number;
  readonly perLongSec?: number;
}

export interface AudioPolicy {
  /** Rates that the engine takes as they are; audio at any other rate is resampled to `resampleToHz`. */
  readonly minHz: number;
  readonly maxHz: number;
  readonly resampleToHz: number;
}

export interface EngineHealth {
  /**
   * `off`: no setting names it, so it is not expected here; `missing`: what is named is not there; `sick`: it is there
   * and does not work.
   */
  readonly state: 'ready' | 'off' | 'missing' | 'sick' | 'checking';
  readonly version: string | null;
  /** What was found or what is wrong, then the fix. */
  readonly note: string;
}

export interface AlignmentRequest {
  readonly language: Language;
  /** All pronunciations of all words that occur, in dictionary order, cut to the task. */
  readonly pronunciations: readonly Pronunciation[];
  readonly files: readonly AlignmentFile[];
  /**
   * `wide`: slower, and it finds what the usual search loses, rightly or not. Not there: `usual`. Engines that know
   * one search only use that.
   */
  readonly search?: Search;
  /**
   * Whether the words are those of another language, in the nearest phones of the model: then words of long utterances count
   * only where they were heard without being expected there. Engines that leave out no words are never asked so. Not there: no.
   */
  readonly isForeign?: boolean;
}

export interface AlignmentFile {
  readonly id: string;
  /** 16-bit PCM mono wav inside the task's workspace, at a rate that the policy allows. */
  readonly audioPath: string;
  readonly sampleRateHz: number;
  readonly durationSec: number;
  readonly tiers: readonly AlignmentTier[];
}

/** One speaker: engines adapt to speakers, and none may pool two tiers but those of one `speaker`. */
export interface AlignmentTier {
  /** Unique within the request. */
  readonly id: string;
  /**
   * The same for tiers of different files in which the same person speaks; undefined: no other tier has this speaker.
   */
  readonly speaker?: string;
  /** In time order, not overlapping, inside the audio, at least MIN_UTTERANCE_SEC long, each with words. */
  readonly utterances: readonly Utterance[];
}

export interface Utterance {
  readonly startSec: number;
  readonly endSec: number;
  /** Look-up forms, each with at least one pronunciation in the request. */
  readonly words: readonly string[];
}

/** Utterances shorter than this are not given to any engine. Source: Praat-side measurements of MFA and FAVE runs. */
export const MIN_UTTERANCE_SEC = 0.1;

export interface AlignedTier {
  readonly fileId: string;
  readonly tierId: string;
  /** In time order; seconds from the start of the file. Silence is not a word. */
  readonly words: readonly AlignedWord[];
  /** Stretches that the engine aligned and has doubts about; kept, and reported to the user. */
  readonly doubts?: readonly Doubt[];
  /** Utterances of the tier that the engine did not come to, since others made it fail before; nothing is known of them. */
  readonly untried?: readonly Utterance[];
  /** Speech inside utterances that is none of their words, in time order, as far as the engine notices. */
  readonly unwritten?: readonly Speech[];
}

export interface Speech {
  readonly startSec: number;
  readonly endSec: number;
}

export interface Doubt {
  readonly startSec: number;
  readonly endSec: number;
  /** For people, such as "the words fit the audio badly". */
  readonly reason: string;
}

export interface AlignedWord extends AlignedPhone {
  /** Its place within its utterance, from 0. Not there: the engine does not know, and must not leave out any. */
  readonly at?: number;
  readonly phones: readonly AlignedPhone[];
}

export interface AlignedPhone {
  readonly label: string;
  readonly startSec: number;
  readonly endSec: number;
}

export interface EngineContext {
  /** Empty, private to this engine start, ASCII without blanks; removed by the caller. */
  readonly workDir: string;
  /** The engine's whole output goes here, appended, bounded in size. */
  readonly logPath: string;
  /** Cores that this run may use, at least 1. */
  readonly coreCount: number;
  /** Wall-clock limit for the whole start. */
  readonly timeoutSec: number;
  /** The engine is killed when it has written nothing for so long. */
  readonly silenceSec: number;
  readonly signal: AbortSignal;
  /** Share done, 0 to 1, with a word on what is being done. May be called as often as wanted. */
  readonly report: (progress: number, note?: string) => void;
  /** Called once for each process started. */
  readonly onStart?: (pid: number) => void;
}
