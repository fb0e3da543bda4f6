import type { ErrorCode } from '../../src/base/errors.ts';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { RISKY_LANGUAGE, TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import type { Random } from './random.ts';

/** How the engine behaves for a task. The words of the transcript decide it, see testing/trivial-engine.ts. */
export interface Behaviour {
  readonly name: string;
  /** How often it is chosen, relative to the others. */
  readonly weight: number;
  readonly language: string;
  /** Texts of the intervals, by recording. */
  readonly write: (random: Random, taskNumber: number) => readonly (readonly string[])[];
  /** How its tasks end without disturbance. */
  readonly end: 'completed' | ErrorCode;
  /** How they may end if a disturbance, such as a full disk, has used up the attempts that they need. */
  readonly endWithoutTries?: ErrorCode;
}

/** Length of every recording. */
export const RECORDING_SEC = 1;

const plain = { language: TRIVIAL_LANGUAGE, end: 'completed' } as const;
const failing = { language: TRIVIAL_LANGUAGE, end: 'E_ENGINE_FAILED' } as const;

export const BEHAVIOURS: readonly [Behaviour, ...Behaviour[]] = [
  {
    ...plain,
    name: 'fast',
    weight: 400,
    write: (random) => Array.from({ length: random.integer(1, 3) }, () => ['one two', 'three']),
  },
  {
    ...plain,
    name: 'slow',
    weight: 400,
    write: (random) => [Array.from({ length: random.integer(1, 7) }, () => 'slow')],
  },
  { ...plain, name: 'long', weight: 30, write: () => [Array.from({ length: 6 }, () => 'slow slow')] },
  {
    ...plain,
    name: 'flaky',
    weight: 40,
    write: (_, number) => [[`flaky ${spell(number)}`]],
    endWithoutTries: 'E_ENGINE_FAILED',
  },
  { ...plain, name: 'loses an interval', weight: 40, write: () => [['one', 'lose two']] },
  { ...plain, name: 'leaves a process', weight: 20, write: () => [['fork one']] },
  { ...plain, name: 'prints strange characters', weight: 15, write: () => [['babble one']] },
  { ...failing, name: 'fails with strange characters', weight: 15, write: () => [['garble one']] },
  {
    ...plain,
    name: 'loses a file',
    weight: 15,
    write: () => [['one two'], ['vanish one']],
    end: 'E_NOT_ALIGNED',
  },
  { ...failing, name: 'fails', weight: 15, write: () => [['fail']] },
  { ...failing, name: 'crashes', weight: 15, write: () => [['crash']] },
  { ...plain, name: 'hangs', weight: 10, write: () => [['hang']], end: 'E_ENGINE_TIMEOUT' },
  { ...plain, name: 'bad input', weight: 13, write: () => [['']], end: 'E_TRANSCRIPT_NO_WORDS' },
  {
    name: 'kills its worker',
    weight: 2,
    language: RISKY_LANGUAGE,
    write: () => [['poison']],
    end: 'E_CRASHED',
  },
];

/**
 * One tier with these texts, spread over the recording.
 * @param tier - its name: different for each task, so that no two transcripts are the same
 */
export function writeTranscript(texts: readonly string[], tier: string): string {
  const span = { startSec: 0, endSec: RECORDING_SEC };
  const boundarySec = (index: number) => (RECORDING_SEC * index) / texts.length;
  const intervals = texts.flatMap((text, index) => {
    const [startSec, endSec] = [boundarySec(index), boundarySec(index + 1)];
    const wordsFromSec = startSec + (endSec - startSec) / 10;
    return [
      { startSec, endSec: wordsFromSec, text: '' },
      { startSec: wordsFromSec, endSec, text },
    ];
  });
  return writeTextGrid({ ...span, tiers: [{ kind: 'interval', name: tier, ...span, intervals }] });
}

/** A different word for each task. The engine fails at a flaky word the first time that it sees it. */
function spell(number: number): string {
  return `q${[...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`;
}
