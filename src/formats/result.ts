import type { TranscriptFormatName } from '../base/input-kinds.ts';
import type { InPieces } from '../base/pieces.ts';
import type { LegacyEncoding } from './text-encoding.ts';
import type { Tier } from './tiers.ts';

/**
 * One recording with its alignment, as formats of results write it. Times are seconds from the start of the audio, and
 * each interval tier covers the audio from 0 to its end without gap or overlap.
 */
export interface ResultDocument {
  /** Name of the recording in the result, with `/` between folders. It is safe on every system, and unique in the task. */
  readonly name: string;
  readonly durationSec: number;
  /** Null: the recording is not known, as when a transcript alone is converted. */
  readonly audio: ResultAudio | null;
  /** The original transcript, for a format that adds to it (`addsTo`). Left out: it has another format. */
  readonly original?: OriginalFile;
  /** All tiers, in the order of the transcript; phones in the alphabet of the language. */
  readonly phones: readonly ResultTier[];
  /** The same tiers with labels of phones in IPA; null: the language has no IPA. */
  readonly ipa: readonly ResultTier[] | null;
  /** Where words and phones may be wrong, by speaker, in time order. */
  readonly doubtful: ReadonlyMap<string, readonly TimeSpan[]>;
}

/** A transcript as the user gave it. */
export interface OriginalFile {
  /** The user's name of the file, with sub-folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The legacy encoding with which it was read, see `decodeText`. */
  readonly legacyEncoding: LegacyEncoding | null;
}

/** What a result needs to know about the recording. */
export interface ResultAudio {
  /** The user's name of the file, with sub-folders. */
  readonly name: string;
  readonly sampleRateHz: number;
  /** Samples per channel. */
  readonly sampleCount: number;
}

export interface TimeSpan {
  readonly startSec: number;
  readonly endSec: number;
}

/** `trans`: the text as its user wrote it; `other`: a tier that was not aligned. Only `other` may be a point tier. */
export type TierRole = 'phone' | 'word' | 'trans' | 'other';

export type ResultTier = Tier & {
  readonly role: TierRole;
  /** The speaker of phones, words or text; names of speakers are unique. For `other`: the name of the tier. */
  readonly speaker: string;
};

/** What formats must know about a task before its first recording. */
export interface ResultTask {
  /** The alphabet of the labels of phones, such as ARPAbet. A folder has this name. */
  readonly alphabet: string;
}

/**
 * How results are written in one format; all formats are listed in `result-formats.ts`. Equal documents give equal bytes.
 */
export interface ResultFormat {
  /** Extension of its files, without the dot. Names of folders in the result do not end in it. */
  readonly extension: string;
  /** What its files are, for README.txt: places such as `ARPAbet/`, and their content. */
  readonly files: (task: ResultTask) => readonly { readonly place: string; readonly meaning: string }[];
  /** If transcripts have this format, their documents have the original, so that the writer can add to it. Left out: never. */
  readonly addsTo?: TranscriptFormatName;
  /** Whether its files have only the words and phones of speakers. Left out: they have all tiers. */
  readonly isWordsOnly?: boolean;
  /** Whether all recordings of a task are in one database, in a folder of its own. Left out: each recording has its own files. */
  readonly isDatabase?: boolean;
  /** Lines for README.txt that explain how to open such files. */
  readonly howTo: readonly string[];
  readonly begin: (task: ResultTask) => ResultWriter;
  /**
   * Reads a finished file back.
   * @param content - its bytes, in any pieces
   * @throws anything that says what is wrong with it, as an Error
   */
  readonly check: (content: AsyncIterable<Uint8Array>, file: WrittenFile) => Promise<void>;
}

/** Writes the result of one task. It gets the recordings one by one, and gives their texts in pieces, since tasks may be long. */
export interface ResultWriter {
  /**
   * @throws TaskError E_OUTPUT_INVALID for a document that is not fit to be delivered, E_AUDIO_MISSING where the format
   *   counts samples and the document does not know its recording
   */
  readonly add: (document: ResultDocument, files: FileSink) => InPieces<void>;
  /** Called after the last recording. */
  readonly end: (files: FileSink) => InPieces<void>;
}

/**
 * Takes the files of a result. Texts for one name make up one file, in the order in which they come. They are stored as
 * UTF-8 whenever the writer yields.
 */
export interface FileSink {
  /** Adds text to a file that belongs only to the current recording. */
  readonly toRecording: (name: string, text: string) => void;
  /** Adds text to a file of the whole task. */
  readonly toTask: (name: string, text: string) => void;
}

/** A file of a result that is checked. */
export interface WrittenFile {
  /** Its name in the result. */
  readonly name: string;
  /** Durations of its recordings: of one, or of all recordings of the task. */
  readonly durationsSec: readonly number[];
}

/** The tiers of a document for each alphabet, with the folder of the alphabet, for formats with one file per alphabet. */
export function alphabetsOf(
  { phones, ipa }: Pick<ResultDocument, 'phones' | 'ipa'>,
  { alphabet }: ResultTask,
): readonly { readonly folder: string; readonly tiers: readonly ResultTier[] }[] {
  return [{ folder: alphabet, tiers: phones }, ...(ipa === null ? [] : [{ folder: 'IPA', tiers: ipa }])];
}

/** Makes names unique: a second `anna` becomes `anna (2)`. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return names.map((name) => {
    let own = name;
    if (seen.has(name)) {
      let count = counts.get(name) ?? 1;
      do own = `${name} (${++count})`;
      while (taken.has(own));
      counts.set(name, count);
    }
    seen.add(own);
    taken.add(own);
    return own;
  });
}
