import { TaskError } from '../../base/errors.ts';
import { checkLines, type LineSink } from '../read-back.ts';

/** In place of the index of a word: of no word. */
export const NO_WORD = -1;
/** The label of a pause. */
export const PAUSE = '<p:>';

const HEADER = ['LHD', 'REP', 'SNB', 'SAM', 'SBF', 'SSB', 'NCH', 'SPN'];
const HEADER_LINE = /^([A-Z]{3}): (\S.*)$/;
const END_OF_HEADER = 'LBD:';
const TIERS = ['ORT', 'KAN', 'TRN', 'MAU'];
const INDEX = '(0|[1-9]\\d*)';
const WORD_LINE = new RegExp(`^(ORT|KAN):\\t${INDEX}\\t(\\S.*)$`);
const SPAN_LINE = new RegExp(`^(TRN|MAU):\\t${INDEX}\\t${INDEX}\\t(-1|${INDEX}(?:,${INDEX})*)\\t(\\S.*)$`);

/**
 * Reads a Partitur file back, line by line, so that it is never whole in memory: the header; words in order; spans in
 * time order that name words which are there; phones that cover the recording.
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

class Rows {
  readonly #sampleCount: number;
  #line = '';
  #tier = 0;
  #wordCount = 0;
  /** Next word of KAN, and the last one of TRN or MAU. */
  #word = 0;
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
      if (index !== this.#wordCount) this.#refuse(`the word ${this.#wordCount}`);
      this.#wordCount += 1;
      return;
    }
    if (index < this.#word || index >= this.#wordCount) this.#refuse('a word that is there, in their order');
    this.#word = index + 1;
  }

  #addSpan(line: string): void {
    const [, key, start, duration, words = ''] =
      SPAN_LINE.exec(line) ?? this.#refuse('a key, times, words and a label, with TAB between them');
    const first = Number(start);
    const isNext = key === 'MAU' ? first === this.#reached : first >= this.#reached;
    if (!isNext) this.#refuse(`a start at sample ${this.#reached}`);
    this.#reached = first + Number(duration) + 1;
    if (this.#reached > this.#sampleCount) this.#refuse(`an end up to sample ${this.#sampleCount}`);
    for (const word of words.split(',').map(Number)) {
      if (word === NO_WORD) continue;
      if (word < this.#word || word >= this.#wordCount) this.#refuse('words that are there, in their order');
      this.#word = word;
    }
  }

  #refuse(expected: string): never {
    return refuse(expected, this.#line);
  }
}
