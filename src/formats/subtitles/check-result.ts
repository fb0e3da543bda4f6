import { TaskError } from '../../base/errors.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { LineReader } from '../line-reader.ts';
import type { WrittenFile } from '../result.ts';
import { readCues } from './read-cues.ts';
import { isTimesLine, readTimes } from './times.ts';
import { toMs } from './write-times.ts';

const INLINE_TIME = /<(\d{2,}):(\d\d):(\d\d\.\d{3})>/g;

/**
 * Checks a file of subtitles that this program wrote: its cues must be in time order and within the recording, and the
 * times of words within their cues.
 * @param start - matches the beginning of a valid file
 * @throws TaskError E_OUTPUT_INVALID with the line; E_TRANSCRIPT_MALFORMED
 */
export function* checkSubtitles(text: string, start: RegExp, file: WrittenFile): InPieces<void> {
  if (!start.test(text) || (text !== '' && !text.endsWith('\n')))
    refuse(file, 1, `a complete file that begins with ${start.source}`);
  yield* checkCues(text, file);
  yield* checkInlineTimes(text, file);
}

function* checkCues(text: string, file: WrittenFile): InPieces<void> {
  const longestSec = (file.durationsSec[0] ?? 0) + 0.001;
  let reachedSec = 0;
  for (const { startSec, endSec, text: said, line } of yield* readCues(text, file.name)) {
    if (startSec < reachedSec || endSec <= startSec || endSec > longestSec || !/^.+$/.test(said))
      refuse(file, line, `a cue with one line, from ${reachedSec} s on, up to ${longestSec} s`);
    reachedSec = startSec;
  }
}

function* checkInlineTimes(text: string, file: WrittenFile): InPieces<void> {
  const lines = new LineReader(text);
  const piece = new Piece();
  let span = { startMs: 0, endMs: 0 };
  for (let line = lines.next(); line !== null; line = lines.next()) {
    if (piece.add(line)) yield;
    const times = isTimesLine(line) ? readTimes(line, lines.number) : null;
    if (times !== null && 'startSec' in times)
      span = { startMs: toMs(times.startSec), endMs: toMs(times.endSec) };
    for (const time of inlineTimes(line)) {
      if (time <= span.startMs || time >= span.endMs)
        refuse(file, lines.number, 'times of words inside their cue, each after the one before');
      span.startMs = time;
    }
  }
}

/** The times of words in a line, in milliseconds. */
function inlineTimes(line: string): number[] {
  return [...line.matchAll(INLINE_TIME)].map(
    ([, hours, minutes, seconds]) => (Number(hours) * 60 + Number(minutes)) * 60_000 + toMs(Number(seconds)),
  );
}

function refuse({ name }: WrittenFile, line: number, expected: string): never {
  throw new TaskError('E_OUTPUT_INVALID', `expected ${expected}`, { place: { file: name, line } });
}
