import { TaskError } from '../base/errors.ts';
import { type TranscriptFormatName, transcriptFormatOf } from '../base/input-kinds.ts';
import type { InPieces } from '../base/pieces.ts';
import { CHAT } from './chat/format.ts';
import { SUBTITLES } from './subtitles/format.ts';
import { TEXTGRID } from './textgrid/format.ts';
import type { ReadOptions, Transcript, TranscriptFormat } from './transcript.ts';
import { TRS } from './trs.ts';

/** All formats of transcripts. `base/input-kinds.ts` has their extensions. */
const FORMATS: Readonly<Record<TranscriptFormatName, TranscriptFormat>> = {
  TextGrid: TEXTGRID,
  Subtitles: SUBTITLES,
  Transcriber: TRS,
  CHAT,
};

/**
 * Reads a transcript of any format.
 * @param file - the user's name of it; its extension tells the format
 * @throws TaskError as `TranscriptFormat.read`; E_INTERNAL for a file that is no transcript by its name
 */
export function readTranscriptInPieces(
  bytes: Uint8Array,
  file: string,
  options: ReadOptions,
): InPieces<Transcript> {
  const name = transcriptFormatOf(file);
  if (name === null) {
    const text = 'expected a transcript, but no format has its extension';
    throw new TaskError('E_INTERNAL', text, { place: { file } });
  }
  return FORMATS[name].read(bytes, file, options);
}
