import { TaskError } from '../base/errors.ts';
import { Piece } from '../base/pieces.ts';
import { checkWhole } from './read-back.ts';
import type { ResultFormat } from './result.ts';
import { speakersOf, spokenWords } from './result-words.ts';

/** A line: two times in seconds and a label, with a TAB between them. */
const LINE = /^(\d[^\t]*)\t(\d[^\t]*)\t[^\t]*$/;

/** The words of all speakers of a recording as label tracks of Audacity. */
export const AUDACITY_RESULT: ResultFormat = {
  extension: 'txt',
  files: () => [{ place: 'audacity/', meaning: 'the words as label tracks for Audacity' }],
  howTo: ['To see the words in Audacity: open the recording, then choose File > Import > Labels...'],
  begin: () => ({
    *add(document, files) {
      const name = `audacity/${document.name}.txt`;
      // A recording in which no word was found has a file, too.
      files.toRecording(name, '');
      // Long results are written in pieces, so that the heartbeats of other tasks are not held up.
      const piece = new Piece();
      for (const speaker of speakersOf(document)) {
        for (const { startSec, endSec, text } of spokenWords(speaker)) {
          const label = `${speaker.name}: ${text}`.replace(/[\t\r\n]/g, ' ');
          files.toRecording(name, `${startSec}\t${endSec}\t${label}\n`);
          if (piece.add(label)) yield;
        }
      }
    },
    *end() {},
  }),
  check: checkWhole(function* (text, { durationsSec: [durationSec = 0] }) {
    const piece = new Piece();
    for (const line of text.split('\n').slice(0, -1)) {
      const [, startSec, endSec] = LINE.exec(line) ?? [];
      if (!(Number(startSec) < Number(endSec) && Number(endSec) <= durationSec)) {
        const expected = `expected two times up to ${durationSec} s and a label, found ${JSON.stringify(line)}`;
        throw new TaskError('E_OUTPUT_INVALID', expected);
      }
      if (piece.add(line)) yield;
    }
  }),
};
