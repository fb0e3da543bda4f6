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
  /**
   * A label with the characters that people see for it, where the format has signs of its own for some. Words are looked
   * up in this; the result has the label as it stands. Not there: the label says it as it is.
   */
  readonly shownLabel?: (label: string) => string;
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
}

export interface ReadOptions {
  /** See `decodeText`. */
  readonly legacyEncoding: LegacyEncoding | null;
  /** Duration of the recording, for formats that leave out the last end. Null: it cannot be read, which is told apart. */
  readonly audioSec: number | null;
  /** Takes what the user is to be told about a transcript that can be read all the same. */
  readonly warn: (warning: Warning) => void;
}
