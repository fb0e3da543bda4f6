import { TaskError } from '../../base/errors.ts';
import { checkLines, type LineSink } from '../read-back.ts';

/** Stands in place of the index of a word: the label belongs to no word. */
export const NO_WORD = -1;
/** The label of a pause. */
export const PAUSE = '<p:>';

/** Keys of the header, in order. */
const HEADER = ['LHD', 'REP', 'SNB', 'SAM', 'SBF', 'SSB', 'NCH', 'SPN'];
const HEADER_LINE = /^([A-Z]{3}): (\S.*)$/;
const END_OF_HEADER = 'LBD:';
/** Keys of the lines after the header, in order: words, their phones, the transcription, phones with times. */
const TIERS = ['ORT', 'KAN', 'TRN', 'MAU'];
const INDEX = '(0|[1-9]\\d*)';
const WORD_LINE = new RegExp(`^(ORT|KAN):\\t${INDEX}\\t(\\S.*)$`);
const SPAN_LINE = new RegExp(`^(TRN|MAU):\\t${INDEX}\\t${INDEX}\\t(-1|${INDEX}(?:,${INDEX})*)\\t(\\S.*)$`);

/**
 * Reads a Partitur file back, line by line, so that it is never whole in memory. Words and spans must be in order, spans
 * must name words of the file, and phones must cover the recording.
 * @throws TaskError E_OUTPUT_INVALID with the line
 */
export const checkPar = checkLines((file): LineSink => {
  const header = [...HEADER];
  let sampleRate = 0;
  let rows: Rows | null = null;
  return {
    add: (line) => {
      if (rows !== null) {
        rows.add(line);
        return;
      }
      const key = header.shift();
      const [, found, value] = HEADER_LINE.exec(line) ?? [];
      if (key === undefined ? line !== END_OF_HEADER : found !== key) refuse(key ?? END_OF_HEADER, line);
      if (key === 'SAM') sampleRate = Number(value);
      if (key === 'SAM' && !(Number.isInteger(sampleRate) && sampleRate > 0)) refuse('a sample rate', line);
      if (key === undefined) rows = new Rows(Math.round((file.durationsSec[0] ?? 0) * sampleRate));
    },
    end: () => {
      if (rows === null) refuse(END_OF_HEADER, '');
      rows.end();
    },
  };
});

function refuse(expected: string, found: string): never {
  throw new TaskError(
    'E_OUTPUT_INVALID',
    `expected ${expected}, found ${JSON.stringify(found.slice(0, 200))}`,
  );
}

/** Checks the lines after the header. */
class Rows {
  readonly #sampleCount: number;
  #line = '';
  #tier = 0;
  #wordCount = 0;
  /** The smallest index of a word that the next line of the tier may have. */
  #word = 0;
  /** The first sample that the next span of the tier may have. */
  #reached = 0;

  constructor(sampleCount: number) {
    this.#sampleCount = sampleCount;
  }

  add(line: string): void {
    this.#line = line;
    const tier = TIERS.indexOf(line.slice(0, 3));
    if (tier < this.#tier) this.#refuse(`a line of ${TIERS.slice(this.#tier).join(' or ')}`);
    if (tier > this.#tier) [this.#tier, this.#word, this.#reached] = [tier, 0, 0];
    const [, key, index] = WORD_LINE.exec(line) ?? [];
    if (key !== undefined) this.#addWord(key, Number(index));
    else this.#addSpan(line);
  }

  end(): void {
    if (this.#reached !== this.#sampleCount || TIERS[this.#tier] !== 'MAU')
      this.#refuse(`phones up to sample ${this.#sampleCount}`);
  }

  #addWord(key: string, index: number): void {
    if (key === 'ORT') {
      if (index !== this.#wordCount) this.#refuse(`the index ${this.#wordCount}`);
      this.#wordCount += 1;
      return;
    }
    if (index < this.#word || index >= this.#wordCount)
      this.#refuse(`the index of a word, from ${this.#word} to ${this.#wordCount - 1}`);
    this.#word = index + 1;
  }

  #addSpan(line: string): void {
    const [, key, start, duration, words = ''] =
      SPAN_LINE.exec(line) ??
      this.#refuse('a key, times, indexes of words and a label, with TAB between them');
    const first = Number(start);
    const isNext = key === 'MAU' ? first === this.#reached : first >= this.#reached;
    if (!isNext) this.#refuse(`a start at sample ${this.#reached}`);
    this.#reached = first + Number(duration) + 1;
    if (this.#reached > this.#sampleCount) this.#refuse(`an end up to sample ${this.#sampleCount}`);
    for (const word of words.split(',').map(Number)) {
      if (word === NO_WORD) continue;
      if (word < this.#word || word >= this.#wordCount)
        this.#refuse(`indexes of words, from ${this.#word} to ${this.#wordCount - 1}`);
      this.#word = word;
    }
  }

  #refuse(expected: string): never {
    return refuse(expected, this.#line);
  }
}
