import { TaskError } from '../base/errors.ts';
import { type TranscriptFormatName, transcriptFormatOf } from '../base/input-kinds.ts';
import type { InPieces } from '../base/pieces.ts';
import { CHAT } from './chat/format.ts';
import { EAF } from './eaf/format.ts';
import { JSON_TRANSCRIPT } from './json/format.ts';
import { SUBTITLES } from './subtitles/format.ts';
import { TABLE } from './table/format.ts';
import { TEXT } from './text/format.ts';
import { TEXTGRID } from './textgrid/format.ts';
import type { ReadOptions, Table, TableOptions, Transcript, TranscriptFormat } from './transcript.ts';
import { TRS } from './trs/format.ts';
import { XLSX } from './xlsx/format.ts';

/** All formats of transcripts. `base/input-kinds.ts` has their extensions. */
const FORMATS: Readonly<Record<TranscriptFormatName, TranscriptFormat>> = {
  TextGrid: TEXTGRID,
  Text: TEXT,
  Subtitles: SUBTITLES,
  Transcriber: TRS,
  CHAT,
  EAF,
  Table: TABLE,
  JSON: JSON_TRANSCRIPT,
  Spreadsheet: XLSX,
};

/**
 * Reads a transcript of any format.
 * @param file - the user's name of the transcript; its extension tells the format
 * @throws TaskError as `TranscriptFormat.read`; E_INTERNAL: no format has the extension
 */
export function readTranscriptInPieces(
  bytes: Uint8Array,
  file: string,
  options: ReadOptions,
): InPieces<Transcript> {
  return formatOf(file).read(bytes, file, options);
}

/** Whether files with this extension may describe many recordings. */
export function mayBeTable(file: string): boolean {
  return formatOf(file).readTable !== undefined;
}

/**
 * Reads a file that may describe many recordings, see `TranscriptFormat.readTable`.
 * @throws TaskError as `readTranscriptInPieces`
 */
export function* readTableInPieces(
  bytes: Uint8Array,
  file: string,
  options: TableOptions,
): InPieces<Table | null> {
  const { readTable } = formatOf(file);
  return readTable === undefined ? null : yield* readTable(bytes, file, options);
}

function formatOf(file: string): TranscriptFormat {
  const name = transcriptFormatOf(file);
  if (name !== null) return FORMATS[name];
  const text = 'expected a transcript, but no format has its extension';
  throw new TaskError('E_INTERNAL', text, { place: { file } });
}
