import { TaskError } from '../base/errors.ts';
import { type InPieces, Piece } from '../base/pieces.ts';
import { decodeText } from './text-encoding.ts';
import type { Interval } from './tiers.ts';
import type { Transcript, TranscriptFormat } from './transcript.ts';

/** A line: a time in seconds, a TAB, and what is said up to the time of the next line. */
const LINE = /^(\d+(?:\.\d+)?)\t(.*)$/;

/** One tier; the last line lasts to the end of the recording. */
export const LINES: TranscriptFormat = {
  read: function* (bytes, file, { legacyEncoding, audioSec, warn }): InPieces<Transcript> {
    const { text, warning } = decodeText(bytes, file, legacyEncoding);
    if (warning !== undefined) warn(warning);
    const starts: Omit<Interval, 'endSec'>[] = [];
    // Long files are read in pieces, so that the heartbeats of other tasks are not held up.
    const piece = new Piece();
    for (const [index, content] of text.split(/\r\n|\r|\n/).entries()) {
      if (piece.add(content)) yield;
      if (content.trim() === '') continue;
      const line = index + 1;
      const [, startSec, label = ''] = LINE.exec(content) ?? [];
      if (startSec === undefined) {
        const expected =
          'expected a time in seconds, a TAB and words, such as "1.25<TAB>so it was"; correct the line';
        throw new TaskError('E_TRANSCRIPT_MALFORMED', expected, { place: { file, line } });
      }
      starts.push({ startSec: Number(startSec), text: label, line });
    }
    const lastSec = starts.at(-1)?.startSec ?? 0;
    const endSec = Math.max(audioSec ?? lastSec, lastSec);
    // Intervals keep their lines: what is found in them later is told with its line.
    const intervals = starts.map((one, index) => ({ ...one, endSec: starts[index + 1]?.startSec ?? endSec }));
    const span = { startSec: 0, endSec };
    return { ...span, tiers: [{ kind: 'interval', name: 'speaker', ...span, intervals }] };
  },
};
