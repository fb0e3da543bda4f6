import type { ColumnChoices } from '../base/column-choices.ts';
import type { Warning } from '../base/errors.ts';
import type { InPieces } from '../base/pieces.ts';
import type { LegacyEncoding } from './text-encoding.ts';
import type { Tier } from './tiers.ts';

/** A transcript, independent of the format of its file. Times are seconds from the start of the audio. */
export interface Transcript {
  readonly startSec: number;
  readonly endSec: number;
  /** With intervals and points in time order. They may overlap or have impossible times: `findTierFaults` checks that. */
  readonly tiers: readonly Tier[];
  /** Numbers, from 0, of tiers that are never aligned. Left out: there are none. */
  readonly keptTiers?: ReadonlySet<number>;
  /**
   * Converts a label to the text that people see, if the format has its own signs for some characters. Its words are looked up;
   * the result keeps the label unchanged. Left out: the label is this text.
   */
  readonly shownLabel?: (label: string) => string;
  /** What the file has besides its tiers, such as "participants", for a warning. Left out: nothing. */
  readonly besideTiers?: readonly string[];
}

/** The text that people see for a label of a transcript. */
export function shownLabel(transcript: Pick<Transcript, 'shownLabel'>, label: string): string {
  return transcript.shownLabel === undefined ? label : transcript.shownLabel(label);
}

/**
 * How transcripts of one format are read; all formats are listed in `transcript-formats.ts`. Formats that share an
 * extension are one, which looks at the content.
 */
export interface TranscriptFormat {
  /**
   * Reads a transcript, piece by piece, since it may be long.
   * @param bytes - the whole file
   * @param file - the user's name of it, for messages
   * @throws TaskError with the place in the terms of the format: E_TRANSCRIPT_MALFORMED (of TextGrids
   *   E_TEXTGRID_MALFORMED), E_TEXT_ENCODING, E_LIMIT
   */
  readonly read: (bytes: Uint8Array, file: string, options: ReadOptions) => InPieces<Transcript>;
  /**
   * Of formats whose files may describe many recordings: reads what a file says about each. It is called once for a task,
   * for a file that has the name of no recording.
   * @returns null: this file does not name recordings
   * @throws TaskError as `read`
   */
  readonly readTable?: (bytes: Uint8Array, file: string, options: TableOptions) => InPieces<Table | null>;
}

/** The content of a file that describes recordings: one entry for each name, in the order of the file. */
export type Table = readonly RecordingRows[];

/** The content of a table about one recording. */
export interface RecordingRows {
  /** The name of the recording in the table: `talk`, `talk.wav`, `day 1/talk.wav`; perhaps a path of another computer. */
  readonly recording: string;
  /** The first line with this name. */
  readonly line: number;
  /** Makes a transcript of its rows. @param audioSec - see `ReadOptions` */
  readonly toTranscript: (audioSec: number) => InPieces<Transcript>;
}

export type TableOptions = Omit<ReadOptions, 'audioSec'>;

export interface ReadOptions {
  /** See `decodeText`. */
  readonly legacyEncoding: LegacyEncoding | null;
  /**
   * Duration of the recording, for formats that leave out the last end. Null: it cannot be read, which is reported
   * separately.
   */
  readonly audioSec: number | null;
  /** Sample rate of the recording, for formats that count samples. Left out: not known. */
  readonly audioRateHz?: number;
  /**
   * The user's name of the recording, for formats with names of recordings. Left out: its name is that of the
   * transcript, with another extension.
   */
  readonly audioName?: string;
  /** Columns of tables that the user has chosen. Left out: all are found by their names. */
  readonly columns?: ColumnChoices;
  /** Gets warnings about a transcript that can be read. */
  readonly warn: (warning: Warning) => void;
}
