import type { ColumnChoices } from '../base/column-choices.ts';
import type { Warning } from '../base/errors.ts';
import type { InPieces } from '../base/pieces.ts';
import type { LegacyEncoding } from './text-encoding.ts';
import type { Tier } from './tiers.ts';

/** A transcript as the pipeline takes it, whatever the format of its file. Times are seconds from the start of the audio. */
export interface Transcript {
  readonly startSec: number;
  readonly endSec: number;
  /** Their intervals and points in time order. Overlaps and impossible times are allowed: `findTierFaults` judges them. */
  readonly tiers: readonly Tier[];
  /** Numbers, from 0, of tiers that are not aligned, whatever is in them. Not there: none. */
  readonly keptTiers?: ReadonlySet<number>;
  /**
   * A label with the characters that people see for it, where the format has signs of its own for some. Words are looked
   * up in this; the result has the label as it stands. Not there: the label says it as it is.
   */
  readonly shownLabel?: (label: string) => string;
  /** Names of what the file says beside its tiers, such as "participants", for people. Not there: nothing. */
  readonly besideTiers?: readonly string[];
}

/** A label of a transcript as people see it. */
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

/** The content of a file about recordings, one entry for each name, in the order of the file. */
export type Table = readonly RecordingRows[];

/** The content of a table about one recording. */
export interface RecordingRows {
  /** The table's name for it: `talk`, `talk.wav`, `day 1/talk.wav`; it may be a path of another computer. */
  readonly recording: string;
  /** Where it is named first. */
  readonly line: number;
  /** Turns its rows into a transcript, with no more work than they need. @param audioSec - see `ReadOptions` */
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
  /** Samples per second of the recording, for formats that count them. Not there: not known. */
  readonly audioRateHz?: number;
  /** The user's name of the recording, for formats that name theirs. Not there: only its stem is known, that of the file. */
  readonly audioName?: string;
  /** Columns of tables that the user has chosen. Not there: all are found by their names. */
  readonly columns?: ColumnChoices;
  /** Takes a warning about a transcript that can be read. */
  readonly warn: (warning: Warning) => void;
}
