import { TaskError } from '../../base/errors.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { isElanTab, readElanTab } from '../elan-tab/read.ts';
import { isHtkLabels, readHtkLabels } from '../htk-labels.ts';
import { LineReader } from '../line-reader.ts';
import { decodeText } from '../text-encoding.ts';
import type { TextLine } from '../tiers.ts';
import type { ReadOptions, Transcript, TranscriptFormat } from '../transcript.ts';
import { refuseOtherKinds } from './other-kinds.ts';

/** The one tier of a text: it is the same in all recordings, as scripts that read many results expect. */
const TIER = 'speaker';

/**
 * Plain text: what is said in the whole recording, without times (`.txt`, and `.lab` as MFA has them). A `.lab` with times
 * has HTK labels, and a `.txt` may be a table of ELAN's.
 */
export const TEXT: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    refuseOtherKinds(bytes, file);
    const { text, warning } = decodeText(bytes, file, options.legacyEncoding);
    if (warning !== undefined) options.warn(warning);
    if (/\.txt$/i.test(file) && isElanTab(text)) return yield* readElanTab(text, file, options);
    if (/\.lab$/i.test(file) && isHtkLabels(text)) return yield* readHtkLabels(text, file);
    return yield* readPlainText(text, file, options);
  },
};

function* readPlainText(
  text: string,
  file: string,
  { audioSec }: Pick<ReadOptions, 'audioSec'>,
): InPieces<Transcript> {
  const lines: TextLine[] = [];
  const piece = new Piece();
  const reader = new LineReader(text);
  for (let content = reader.next(); content !== null; content = reader.next()) {
    if (piece.add(content)) yield;
    const said = content.trim();
    if (said !== '') lines.push({ text: said, line: reader.number });
  }
  if (lines.length === 0) {
    const found = text === '' ? 'an empty file' : 'nothing but blanks and line breaks';
    const message = `expected the words that are said in the recording, found ${found}; save the text again`;
    throw new TaskError('E_TRANSCRIPT_NO_WORDS', message, { place: { file } });
  }
  const span = { startSec: 0, endSec: audioSec ?? 0 };
  const interval = { ...span, text: lines.map((line) => line.text).join('\n'), lines };
  return { ...span, tiers: [{ kind: 'interval', name: TIER, ...span, intervals: [interval] }] };
}
