import type { TranscriptFormatName } from '../base/input-kinds.ts';
import type { InPieces } from '../base/pieces.ts';
import type { LegacyEncoding } from './text-encoding.ts';
import type { Tier } from './tiers.ts';

/**
 * One recording with its alignment, as formats of results write it. Times are seconds from the start of the audio, and
 * each interval tier covers the audio from 0 to its end without gap or overlap.
 */
export interface ResultDocument {
  /** Name of the recording in the result, with `/` between folders: safe on every system, and no other's in the task. */
  readonly name: string;
  readonly durationSec: number;
  /** Null: not known, as of a transcript without its recording. */
  readonly audio: ResultAudio | null;
  /** The transcript as it came in, for a format that adds to it (`addsTo`). Not there: it has another format. */
  readonly original?: OriginalFile;
  /** All tiers, in the order of the transcript; phones in the alphabet of the language. */
  readonly phones: readonly ResultTier[];
  /** The same tiers and intervals, with the labels of phones in IPA; null: there is no IPA. */
  readonly ipa: readonly ResultTier[] | null;
  /** Where words and phones may be wrong, by speaker, in time order. */
  readonly doubtful: ReadonlyMap<string, readonly TimeSpan[]>;
}

export interface OriginalFile {
  /** The user's name of it, with sub-folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** With which it was read, see `decodeText`. */
  readonly legacyEncoding: LegacyEncoding | null;
}

export interface ResultAudio {
  /** The user's name of the file, with sub-folders. */
  readonly name: string;
  readonly sampleRateHz: number;
  /** Of each channel. */
  readonly sampleCount: number;
}

export interface TimeSpan {
  readonly startSec: number;
  readonly endSec: number;
}

/** `trans`: the text as its user wrote it; `other`: a tier that was not aligned. Only `other` may be one of points. */
export type TierRole = 'phone' | 'word' | 'trans' | 'other';

export type ResultTier = Tier & {
  readonly role: TierRole;
  /** Whose phones, words or text they are; each speaker has another name. Of other tiers: the name of the tier. */
  readonly speaker: string;
};

/** What formats have to know about a task before its first recording. */
export interface ResultTask {
  /** The alphabet of `ResultDocument.phones`, such as ARPAbet; it names a folder. */
  readonly alphabet: string;
}

/**
 * How results are written in one format; all formats are listed in `result-formats.ts`. Equal documents give equal bytes.
 */
export interface ResultFormat {
  /** Of its files, without the dot. Folders in the result do not end in it. */
  readonly extension: string;
  /** What its files are for, for readers of the result: places such as `ARPAbet/`, and what is there. */
  readonly files: (task: ResultTask) => readonly { readonly place: string; readonly meaning: string }[];
  /** Transcripts of this format come with their documents, so that it can add to them. Not there: none. */
  readonly addsTo?: TranscriptFormatName;
  /** Whether its files have only the words and phones of speakers. Not there: they have all tiers. */
  readonly isWordsOnly?: boolean;
  /** Whether all recordings of a task make one database, in a folder of its own. Not there: each has its files. */
  readonly isDatabase?: boolean;
  /** Lines for people who look at such files for the first time. */
  readonly howTo: readonly string[];
  readonly begin: (task: ResultTask) => ResultWriter;
  /**
   * Reads a finished file back.
   * @param content - its bytes, in any pieces
   * @throws anything that says what is wrong with it, as an Error
   */
  readonly check: (content: AsyncIterable<Uint8Array>, file: WrittenFile) => Promise<void>;
}

/** Writes the result of one task. Recordings come one by one, and their texts go out piece by piece: tasks may be long. */
export interface ResultWriter {
  /**
   * @throws TaskError E_OUTPUT_INVALID for a document that is not fit to be delivered, E_AUDIO_MISSING where the format
   *   counts samples and the document does not know its recording
   */
  readonly add: (document: ResultDocument, files: FileSink) => InPieces<void>;
  /** After the last recording. */
  readonly end: (files: FileSink) => InPieces<void>;
}

/**
 * Takes the files of a result. Texts for one name make up one file, in the order in which they come. They are stored as
 * UTF-8 whenever the writer yields.
 */
export interface FileSink {
  /** For a file of the recording that is being added, and of no other. */
  readonly toRecording: (name: string, text: string) => void;
  /** For a file of the whole task. */
  readonly toTask: (name: string, text: string) => void;
}

/** A file that is read back. */
export interface WrittenFile {
  /** Its name in the result. */
  readonly name: string;
  /** Of the recordings that it is about: one, or all of the task. */
  readonly durationsSec: readonly number[];
}

/** The tiers of a document by the folder that they go to, for formats with a file for each alphabet. */
export function alphabetsOf(
  { phones, ipa }: Pick<ResultDocument, 'phones' | 'ipa'>,
  { alphabet }: ResultTask,
): readonly { readonly folder: string; readonly tiers: readonly ResultTier[] }[] {
  return [{ folder: alphabet, tiers: phones }, ...(ipa === null ? [] : [{ folder: 'IPA', tiers: ipa }])];
}

/** Makes each of the names another: a second `anna` becomes `anna (2)`. */
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
