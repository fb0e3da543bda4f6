import type { ColumnChoices } from '../../base/column-choices.ts';
import type { Fault, Warning } from '../../base/errors.ts';
import type { TaskLimits } from '../../base/task-limits.ts';
import type { Pronunciation } from '../../lexicon/language.ts';
import type { Lexicon } from '../../lexicon/merge.ts';
import type { TieredPair } from '../prepared.ts';
import type { Resources } from '../resources.ts';
import type { PipelinePolicy, TaskCounts } from '../stage.ts';
import type { DecodeAudio } from './decode-audio.ts';
import type { DecodePlace } from './ffmpeg.ts';

export interface InspectOptions {
  readonly resources: Resources;
  readonly policy: Pick<PipelinePolicy, 'unknownWords' | 'channels'>;
  readonly taskLimits: TaskLimits;
  /** Columns of tables that the user has chosen. */
  readonly columns: ColumnChoices;
  /** Folder that names in messages are relative to. */
  readonly dir: string;
  /** Folder that stored paths are relative to. */
  readonly uploadsDir: string;
  readonly dictionary: UserDictionaryFile;
  readonly decodeAudio: DecodeAudio;
  readonly place: DecodePlace;
  /** Not there: no engine may run now. Words that can be guessed later are then no faults. */
  readonly guessWords?: GuessWords;
  /**
   * The recordings are only checked: several at a time, without checksums, and all of them even if they are more than a task
   * may have, which is reported once.
   */
  readonly isCheckOnly?: boolean;
}

/**
 * Lets an engine guess the pronunciations of words that are in no dictionary.
 * @throws only the reason of the signal, when aborted
 */
export type GuessWords = (words: readonly string[]) => Promise<Guesses>;

export interface Guesses {
  /** In the full phone set of the language. */
  readonly pronunciations: readonly Pronunciation[];
  /** W_GUESSING_FAILED. */
  readonly warnings: readonly Warning[];
}

export interface UserDictionaryFile {
  /** Real path; null when there is none. */
  readonly path: string | null;
  /** How the user knows it. */
  readonly name: string;
}

/** What is known about a task's input before its engine runs. */
export interface Inspection {
  readonly pairs: readonly TieredPair[];
  readonly lexicon: Lexicon;
  readonly counts: TaskCounts;
  /** Not empty: the task cannot run. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}
