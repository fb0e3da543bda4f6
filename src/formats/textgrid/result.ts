import { throwFaults } from '../../base/errors.ts';
import type { InPieces } from '../../base/pieces.ts';
import { checkWhole } from '../read-back.ts';
import { alphabetsOf, type ResultFormat } from '../result.ts';
import { findOutputFaults } from './check.ts';
import type { TextGrid } from './model.ts';
import { readTextGridInPieces } from './read.ts';
import { writeTextGridInPieces } from './write.ts';
import { writeShortTextGridInPieces } from './write-short.ts';

/** TextGrids in Praat's long form: `ARPAbet/talk.TextGrid` and `IPA/talk.TextGrid`. */
export const TEXTGRID_RESULT: ResultFormat = textGridFormat(
  '',
  (alphabet) => `TextGrids with phones in ${alphabet}`,
  writeTextGridInPieces,
);

/**
 * TextGrids in Praat's short form: `short/ARPAbet/talk.TextGrid`. They have folders of their own, since both forms have
 * the same extension.
 */
export const SHORT_RESULT: ResultFormat = textGridFormat(
  'short/',
  (alphabet) => `TextGrids in Praat's short form, with phones in ${alphabet}`,
  writeShortTextGridInPieces,
);

function textGridFormat(
  above: string,
  meaning: (alphabet: string) => string,
  write: (grid: TextGrid) => InPieces<string>,
): ResultFormat {
  return {
    extension: 'TextGrid',
    files: ({ alphabet }) => [
      { place: `${above}${alphabet}/`, meaning: meaning(alphabet) },
      { place: `${above}IPA/`, meaning: 'the same with phones in IPA' },
    ],
    howTo: [
      'For each tier of your transcript there are three tiers: "NAME - phone", "NAME - word" and, with your own text as',
      'you wrote it, "NAME - trans". Point tiers and tiers without words are as you made them.',
      'To look at a file in Praat: Open > Read from file..., choose the recording and the TextGrid, select both, View & Edit.',
    ],
    begin: (task) => ({
      *add(document, files) {
        for (const { folder, tiers } of alphabetsOf(document, task)) {
          const name = `${above}${folder}/${document.name}.TextGrid`;
          const grid = { startSec: 0, endSec: document.durationSec, tiers };
          throwFaults(findOutputFaults(grid, document.durationSec, name).slice(0, 1));
          files.toRecording(name, yield* write(grid));
          yield;
        }
      },
      *end() {},
    }),
    check: checkWhole(function* (text, { name, durationsSec: [durationSec = 0] }) {
      const grid = yield* readTextGridInPieces(text, name);
      throwFaults(findOutputFaults(grid, durationSec, name).slice(0, 1));
    }),
  };
}
