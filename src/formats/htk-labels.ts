import { type InPieces, Piece } from '../base/pieces.ts';
import { LineReader } from './line-reader.ts';
import { MalformedLines, quoteFound } from './malformed.ts';
import type { Interval, IntervalTier } from './tiers.ts';
import type { Transcript } from './transcript.ts';

/** HTK's unit of time is 100 ns. */
const HTK_UNITS_PER_SEC = 10_000_000;
/** Two whole numbers at the start of a line are times if the second is at least this, 10 ms. No label ends earlier. */
const MIN_END_UNITS = 100_000;
/**
 * Begin, end and label. WaveSurfer writes times in seconds, with a decimal point, and no label where nothing is said.
 */
const LINE = /^[ \t]*(\d{1,15}(?:\.\d{1,15})?)[ \t]+(\d{1,15}(?:\.\d{1,15})?)(?:[ \t]+(\S.*)|[ \t]*)$/;
/** A score: HTK writes a number with a decimal point or a minus sign. */
const SCORE = /^(?:-?\d+\.\d+(?:e[-+]?\d+)?|-\d+)$/i;
const QUOTED = /^(["'])(.*)\1$/;
const BLANK = /[ \t]/;
const BLANKS = /[ \t]+/;
/** Labels of HTK and TIMIT for the bounds of a sentence, which are not spoken. */
const BOUNDS: ReadonlySet<string> = new Set(['!ENTER', '!EXIT', '!NULL', 'h#']);
/** How many lines are read to tell labels from text. */
const MAX_LINES_LOOKED_AT = 1000;

/**
 * Whether at least half of the lines of a text begin with times, as HTK and WaveSurfer write them. A sentence may
 * begin with two numbers, too.
 */
export function isHtkLabels(text: string): boolean {
  let lines = 0;
  let withTimes = 0;
  let unlabelled = 0;
  for (const [line] of text.matchAll(/^.*\S.*$/gm)) {
    if (++lines > MAX_LINES_LOOKED_AT) break;
    const [, begin = '', end = '', rest] = LINE.exec(line) ?? [];
    if (rest === undefined) {
      // Of a pause: there is one before, between and after words.
      if (isSeconds(begin) && isSeconds(end)) unlabelled += 1;
      continue;
    }
    const areTimes = isSeconds(begin) ? isSeconds(end) : Number(end) >= MIN_END_UNITS;
    if (areTimes && Number(begin) <= Number(end)) withTimes += 1;
  }
  return withTimes > 0 && 2 * withTimes >= Math.min(lines, MAX_LINES_LOOKED_AT) - unlabelled;
}

/**
 * Reads HTK's labels: `begin end label` on each line, with scores or without. If lines have a second label after the
 * score, such as the word of a phone, the transcript has a tier for each of the two.
 * @param unitsPerSec - how many units a second has, if times are whole numbers
 * @throws TaskError E_TRANSCRIPT_MALFORMED with up to 100 faults, each with its line
 */
export function* readHtkLabels(
  text: string,
  file: string,
  unitsPerSec = HTK_UNITS_PER_SEC,
): InPieces<Transcript> {
  const { own, above, hasScores } = yield* splitLevels(yield* readLines(text, file, unitsPerSec));
  const endSec = own.reduce((end, one) => Math.max(end, one.endSec), 0);
  const tier = (name: string, intervals: readonly Interval[]): IntervalTier => ({
    kind: 'interval',
    name,
    startSec: 0,
    endSec,
    intervals,
  });
  return {
    startSec: 0,
    endSec,
    tiers: above.length === 0 ? [tier('speaker', own)] : [tier('phones', own), tier('words', above)],
    besideTiers: hasScores ? ['scores'] : [],
    shownLabel: (label) => (BOUNDS.has(label) ? '' : label),
  };
}

function* readLines(text: string, file: string, unitsPerSec: number): InPieces<Interval[]> {
  const isHtk = unitsPerSec === HTK_UNITS_PER_SEC;
  const expected = `expected begin, end (in ${isHtk ? 'units of 100 ns' : 'samples'}) and a label, such as "0 ${isHtk ? 3_500_000 : 5600} hello"`;
  const found: Interval[] = [];
  const faults = new MalformedLines(file);
  let unit: 'seconds' | 'units' | null = null;
  const piece = new Piece();
  const reader = new LineReader(text);
  for (let content = reader.next(); content !== null; content = reader.next()) {
    if (piece.add(content)) yield;
    if (content.trim() === '') continue;
    const line = reader.number;
    if (content.trim() === '///') {
      const message =
        'expected one transcription, found "///", after which another one follows; keep one of them';
      faults.add({ line }, message);
      break;
    }
    const [, begin = '', end = '', label] = LINE.exec(content) ?? [];
    if (label === undefined && !isSeconds(end)) {
      faults.add({ line }, `${expected}, as in the other lines, found ${quoteFound(content)}`);
      continue;
    }
    const isInSeconds = isSeconds(begin) || isSeconds(end);
    unit ??= isInSeconds ? 'seconds' : 'units';
    if (isInSeconds !== (unit === 'seconds') && Number(begin) + Number(end) > 0) {
      const message = `${expected}, found times with and without a decimal point in one file; write all times in one way`;
      faults.add({ line }, message);
      continue;
    }
    const perSec = unit === 'seconds' ? 1 : unitsPerSec;
    found.push({
      startSec: Number(begin) / perSec,
      endSec: Number(end) / perSec,
      text: label?.trim() ?? '',
      line,
    });
  }
  faults.throwAny();
  return found;
}

function isSeconds(time: string): boolean {
  return time.includes('.');
}

interface Levels {
  /** The first labels of all lines. */
  readonly own: readonly Interval[];
  /** The second labels of lines. Each one lasts until the next one begins. */
  readonly above: readonly Interval[];
  readonly hasScores: boolean;
}

/**
 * Splits lines into first label, score and second label. Without scores, several words are one label: some programs
 * write sentences.
 */
function* splitLevels(found: readonly Interval[]): InPieces<Levels> {
  const own: Interval[] = [];
  const above: Interval[] = [];
  const piece = new Piece();
  let isScored = true;
  for (const { text } of found) {
    if (piece.add(text)) yield;
    isScored = !BLANK.test(text) || SCORE.test(text.split(BLANKS, 2)[1] ?? '');
    if (!isScored) break;
  }
  let hasScores = false;
  for (const one of found) {
    if (piece.add(one.text)) yield;
    const hasScore = isScored && BLANK.test(one.text);
    hasScores ||= hasScore;
    const [label = '', , ...rest] = hasScore ? one.text.split(BLANKS) : [one.text];
    own.push(withLabel(one, label));
    const hasOwnScore = rest.length > 1 && SCORE.test(rest.at(-1) ?? '');
    const upper = (hasOwnScore ? rest.slice(0, -1) : rest).join(' ');
    const last = above.at(-1);
    if (upper !== '') above.push(withLabel(one, upper));
    else if (last !== undefined) above[above.length - 1] = { ...last, endSec: one.endSec };
  }
  return { own, above, hasScores };
}

function withLabel(interval: Interval, label: string): Interval {
  const text = unquote(label);
  return text === interval.text ? interval : { ...interval, text };
}

/** HTK puts labels with special characters into quotes, or writes their bytes as `\303\251`. */
function unquote(label: string): string {
  const [, , quoted = label] = QUOTED.exec(label) ?? [];
  if (!quoted.includes('\\')) return quoted;
  const bytes: number[] = [];
  for (const [, octal, escaped, plain = ''] of quoted.matchAll(/\\([0-3][0-7]{2})|\\(.)|([^\\]+|\\$)/gsu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else for (const byte of Buffer.from(escaped ?? plain)) bytes.push(byte);
  }
  const decoded = Buffer.from(bytes);
  return decoded.toString('utf8').includes('\uFFFD') ? decoded.toString('latin1') : decoded.toString('utf8');
}
