import type { Benchmark } from './benchmark.ts';
import { type Piece, runPiece } from './children.ts';
import { LEXICON_SIZE, writeLexiconFiles } from './lexicon-files.ts';
import { median } from './numbers.ts';

const ROUNDS = 5;
const MB = 1024 ** 2;

export const lexicon: Benchmark = {
  name: 'lexicon',
  summary:
    `dictionary of ${LEXICON_SIZE.languageLines} lines and the user's of ${LEXICON_SIZE.userLines}, ` +
    `${LEXICON_SIZE.words} words in the task -> the engine's dictionary; a process of its own, median of ${ROUNDS}`,
  run: async ({ dir, signal }) => {
    await writeLexiconFiles(dir);
    const ours: Piece[] = [];
    const floor: Piece[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await runPiece('lexicon-main.ts', ['build', dir], signal));
      floor.push(await runPiece('lexicon-main.ts', ['floor', dir], signal));
    }
    const secOf = (pieces: readonly Piece[]) => median(pieces.map(({ sec }) => sec));
    const peakOf = (pieces: readonly Piece[]) => median(pieces.map(({ peakBytes }) => peakBytes)) / MB;
    const floorName = 'counting line ends';
    return {
      figures: [
        {
          what: 'time',
          value: secOf(ours),
          unit: 's',
          beside: { name: floorName, value: secOf(floor) },
          goal: { atMost: 0.5 },
        },
        {
          what: 'peak memory',
          value: peakOf(ours),
          unit: 'MB',
          beside: { name: floorName, value: peakOf(floor) },
          goal: { atMost: 150 },
        },
      ],
      notes: [`the engine's dictionary: ${JSON.stringify(ours[0]?.said)}`],
    };
  },
};
