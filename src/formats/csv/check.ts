import { TaskError } from '../../base/errors.ts';
import { decodeUtf8 } from '../read-back.ts';
import type { WrittenFile } from '../result.ts';
import { BOUNDARY_TOLERANCE_SEC } from '../tiers.ts';
import { CSV_HEADER, LINE_END } from './table.ts';

const LABEL = '"([^"]*(?:""[^"]*)*)"';
const TIME = '(\\d+(?:\\.\\d+)?(?:e-\\d+)?)';
const RECORD = new RegExp(
  `^${LABEL},${LABEL},${LABEL},(\\d*),${LABEL},${LABEL},${TIME},${TIME},"(?:ok|doubtful)"$`,
);

/**
 * Checks a table of phones piece by piece: its form, and that the phones of a speaker are in time order, without
 * overlap and within the longest recording.
 * @throws TaskError E_OUTPUT_INVALID with the record
 */
export async function checkCsv(content: AsyncIterable<Uint8Array>, file: WrittenFile): Promise<void> {
  const records = new Records(file);
  for await (const text of decodeUtf8(content)) records.read(text);
  records.end();
}

class Records {
  readonly #file: WrittenFile;
  readonly #longestSec: number;
  #rest = '';
  /** The lines of a record that is not complete, since a label has a line end. */
  #open: string[] = [];
  #isInLabel = false;
  #count = 0;
  /** Recording and speaker of the last row. */
  #speakerKey = '';
  #reachedSec = 0;

  constructor(file: WrittenFile) {
    this.#file = file;
    this.#longestSec = file.durationsSec.reduce((longest, sec) => Math.max(longest, sec), 0);
  }

  read(text: string): void {
    const lines = `${this.#rest}${text}`.split(LINE_END);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.#open.push(line);
      if (countQuotes(line) % 2 === 1) this.#isInLabel = !this.#isInLabel;
      if (this.#isInLabel) continue;
      this.#check(this.#open.join(LINE_END));
      this.#open = [];
    }
  }

  end(): void {
    if (this.#count === 0 || this.#open.length > 0 || this.#rest !== '')
      this.#refuse('a whole record at the end');
  }

  #check(record: string): void {
    if (this.#count > 0) this.#checkRow(record);
    else if (`${record}${LINE_END}` !== CSV_HEADER) this.#refuse('the names of the columns');
    this.#count += 1;
  }

  #checkRow(record: string): void {
    const found = RECORD.exec(record);
    const [, name, speaker, , , , , begin, end] =
      found ?? this.#refuse('nine fields, labels in quotes and numbers without');
    const speakerKey = `${name}"${speaker}`;
    if (speakerKey !== this.#speakerKey) this.#reachedSec = 0;
    this.#speakerKey = speakerKey;
    const [startSec, endSec] = [Number(begin), Number(end)];
    if (startSec < this.#reachedSec || endSec <= startSec)
      this.#refuse(`times after ${this.#reachedSec} s, the end after the start`);
    if (endSec > this.#longestSec + BOUNDARY_TOLERANCE_SEC) this.#refuse(`times up to ${this.#longestSec} s`);
    this.#reachedSec = endSec;
  }

  #refuse(expected: string): never {
    const text = `expected ${expected} in record ${this.#count + 1}`;
    throw new TaskError('E_OUTPUT_INVALID', text, { place: { file: this.#file.name } });
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
}
