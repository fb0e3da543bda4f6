import { TaskError } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { quoteFound } from './malformed.ts';
import type { ReadOptions } from './transcript.ts';

/** TIMIT's labels count samples of recordings at this rate. */
export const SAMPLE_LABELS_HZ = 16_000;
/** Begin, end and label. */
const LINE = /^[ \t]*(\d{1,12})[ \t]+(\d{1,12})[ \t]+\S/;
/** How many lines are read to tell labels from text. */
const MAX_LINES_LOOKED_AT = 1000;
/** Labels last to a tenth of a second at least. Smaller numbers are text: "1 2 buckle my shoe". */
const MIN_END_SAMPLES = SAMPLE_LABELS_HZ / 10;
/** The last label may end this much after the recording. */
const TOLERANCE_SEC = 0.1;
/** The label of a single line with a whole sentence ends at most this far from the end of the recording. */
const SENTENCE_TOLERANCE_SEC = 0.25;

type AudioOptions = Pick<ReadOptions, 'audioSec' | 'audioRateHz' | 'warn'>;

/** Labels of a text whose times may be numbers of samples. */
interface Labels {
  /** The first line. */
  readonly example: string;
  readonly isOne: boolean;
  readonly startsAtZero: boolean;
  readonly endSec: number;
}

/**
 * Whether the times of labels are numbers of samples, as in TIMIT: the recording has TIMIT's rate, and the labels end
 * within it. As HTK's units of 100 ns, they would all lie in its first moment.
 * If the result is true, `warn` gets a warning.
 */
export function isSampleLabels(
  text: string,
  file: string,
  { audioSec, audioRateHz, warn }: AudioOptions,
): boolean {
  const labels = audioSec === null || audioRateHz !== SAMPLE_LABELS_HZ ? null : findLabels(text);
  if (labels === null || audioSec === null) return false;
  const { endSec, isOne, startsAtZero } = labels;
  const isFit = isOne
    ? startsAtZero && Math.abs(endSec - audioSec) <= SENTENCE_TOLERANCE_SEC
    : endSec <= audioSec + TOLERANCE_SEC;
  if (!isFit) return false;
  const found = `times are read as numbers of samples at ${SAMPLE_LABELS_HZ} Hz, as in TIMIT`;
  warn(findingAt('W_TRANSCRIPT_READ', { file }, found));
  return true;
}

/**
 * Does nothing if a text is not such labels.
 * @throws TaskError E_TRANSCRIPT_MALFORMED: its numbers of samples do not fit the recording
 */
export function refuseSampleLabels(text: string, file: string): void {
  const labels = findLabels(text);
  if (labels === null || labels.isOne) return;
  const message =
    `expected a text, or labels with times in units of 100 ns or in seconds, found ${quoteFound(labels.example)}, where times ` +
    `seem to be numbers of samples; these are read only if the recording has ${SAMPLE_LABELS_HZ} Hz and does not end ` +
    'before the labels; write the times in seconds, such as "0.0 0.6025", in a .lab file';
  throw new TaskError('E_TRANSCRIPT_MALFORMED', message, { place: { file } });
}

/**
 * @returns null: not all lines have times in order, fewer than half begin where the line before ends, or all end within
 *   a tenth of a second
 */
function findLabels(text: string): Labels | null {
  let count = 0;
  let joined = 0;
  let firstStart = 0;
  let example = '';
  let before = { start: 0, end: 0 };
  for (const [line] of text.matchAll(/^.*\S.*$/gm)) {
    const [found, begin, until] = LINE.exec(line) ?? [];
    const [start, end] = [Number(begin), Number(until)];
    if (found === undefined || end <= start || start < before.start) return null;
    if (count === 0) [firstStart, example] = [start, line];
    else if (start === before.end) joined += 1;
    before = { start, end };
    if (++count >= MAX_LINES_LOOKED_AT) break;
  }
  if (before.end < MIN_END_SAMPLES || 2 * joined < count - 1) return null;
  const endSec = before.end / SAMPLE_LABELS_HZ;
  return { example, isOne: count === 1, startsAtZero: firstStart === 0, endSec };
}
