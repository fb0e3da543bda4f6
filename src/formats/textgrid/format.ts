import type { InPieces } from '../../base/pieces.ts';
import { decodeText } from '../text-encoding.ts';
import type { ReadOptions, Transcript, TranscriptFormat } from '../transcript.ts';
import type { TextGrid } from './model.ts';
import { readTextGridInPieces } from './read.ts';
import { isBinaryTextGrid, readBinaryTextGridInPieces } from './read-binary.ts';
import { readTrigraphs } from './trigraphs.ts';

/** TextGrids in all forms that Praat writes: long, short and chronological text, and binary. */
export const TEXTGRID: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    return { ...(yield* readAnyForm(bytes, file, options)), shownLabel: readTrigraphs };
  },
};

function* readAnyForm(
  bytes: Uint8Array,
  file: string,
  { legacyEncoding, warn }: ReadOptions,
): InPieces<TextGrid> {
  if (isBinaryTextGrid(bytes)) return yield* readBinaryTextGridInPieces(bytes, file);
  const { text, warning } = decodeText(bytes, file, legacyEncoding);
  if (warning !== undefined) warn(warning);
  return yield* readTextGridInPieces(text, file);
}
