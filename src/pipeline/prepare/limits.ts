import { formatBytes } from '../../base/bytes.ts';
import { type Fault, TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import type { TaskLimits } from '../../base/task-limits.ts';
import { formatDuration } from '../../base/time.ts';
import { type Interval, placeOf } from '../../formats/tiers.ts';
import type { ReadPair } from '../prepared.ts';

/** How many labels that are too long are named one by one, for each transcript. */
const MAX_NAMED_LABELS = 5;

/** Begun minutes of an interval: the text of an hour may be one label, and is longer than a sentence. */
function minutesOf({ startSec, endSec }: Interval): number {
  return Math.max(1, Math.ceil((endSec - startSec) / 60));
}

/** Adds up the audio and intervals of a task, and reports what is over a limit. */
export class LimitCounter {
  readonly #limits: TaskLimits;
  #audioSec = 0;
  #intervals = 0;

  constructor(limits: TaskLimits) {
    this.#limits = limits;
  }

  /** Whether the task is over a limit already, so that no more needs to be read. */
  get isOver(): boolean {
    return this.#audioSec > this.#limits.audioSec || this.#intervals > this.#limits.intervalCount;
  }

  /** @returns E_LIMIT for each label of the pair that is too long, and for each sum that first exceeds its limit with it */
  add({ content, wav, transcript, audio }: ReadPair): Fault[] {
    const { audioSec, intervalCount, labelChars } = this.#limits;
    const file = transcript.originalName;
    const faults: Fault[] = [];
    const before = { audioSec: this.#audioSec, intervals: this.#intervals };
    let tooLong = 0;
    for (const tier of content.tiers) {
      if (tier.kind !== 'interval') continue;
      // Each line of a text becomes an interval of the result.
      this.#intervals += tier.intervals.reduce((sum, { lines }) => sum + (lines?.length ?? 1), 0);
      for (const [index, interval] of tier.intervals.entries()) {
        const { text } = interval;
        const maxChars = labelChars * minutesOf(interval);
        if (text.length <= maxChars || ++tooLong > MAX_NAMED_LABELS) continue;
        faults.push(
          findingAt(
            'E_LIMIT',
            placeOf(file, tier, index),
            `a label of ${text.length} characters; expected at most ${maxChars}, which is ${labelChars} for each minute ` +
              '(MAX_LABEL_LENGTH). Divide the interval.',
          ),
        );
      }
    }
    if (tooLong > MAX_NAMED_LABELS) {
      const text = `and ${tooLong - MAX_NAMED_LABELS} more labels over ${labelChars} characters for each minute`;
      faults.push(findingAt('E_LIMIT', { file }, text));
    }
    if (this.#intervals > intervalCount && before.intervals <= intervalCount) {
      const text = `brings the task to ${this.#intervals} intervals; expected at most ${intervalCount} (MAX_INTERVALS). Split the task.`;
      faults.push(findingAt('E_LIMIT', { file }, text));
    }
    this.#audioSec += wav.durationSec;
    if (this.#audioSec > audioSec && before.audioSec <= audioSec) {
      const text =
        `brings the task to ${formatDuration(this.#audioSec)} of audio; ` +
        `expected at most ${formatDuration(audioSec)} (MAX_AUDIO). Split the task.`;
      faults.push(findingAt('E_LIMIT', { file: audio.originalName }, text));
    }
    return faults;
  }
}

/** Counts the files of a task before they are read. */
export class FileCounter {
  readonly #limits: Pick<TaskLimits, 'fileCount' | 'inputBytes'>;
  #count = 0;
  #bytes = 0;

  constructor(limits: Pick<TaskLimits, 'fileCount' | 'inputBytes'>) {
    this.#limits = limits;
  }

  /** @throws TaskError E_LIMIT: more is a mistake, or an attempt to fill the machine */
  add(bytes: number): void {
    const { fileCount, inputBytes } = this.#limits;
    this.#bytes += bytes;
    if (++this.#count > fileCount) {
      throw new TaskError(
        'E_LIMIT',
        `more than ${fileCount} files in the task (MAX_FILES): expected fewer; split it`,
      );
    }
    if (this.#bytes > inputBytes) {
      throw new TaskError(
        'E_LIMIT',
        `the files of the task have more than ${formatBytes(inputBytes)} (MAX_TASK_SIZE): expected less; split it`,
      );
    }
  }
}
