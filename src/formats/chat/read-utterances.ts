import { type InPieces, Piece } from '../../base/pieces.ts';
import { LineReader } from '../line-reader.ts';
import { MalformedLines, quoteFound } from '../malformed.ts';
import { readPlainDecimal } from '../plain-decimal.ts';

/** The marks around times: the character NAK, which CLAN shows as a bullet, or a real bullet in copied text. */
const BULLET = '\u2022';
const SIGN = '[\\u0015\\u2022]';
const NAK = '\u0015';
const TIMES = new RegExp(`${SIGN}(?:%\\w+:"[^"\\u0015\\n]*"_)?(\\d{1,12})_(\\d{1,12})-?${SIGN}`, 'g');
/** Links to pictures and texts that CLAN shows beside the transcript. */
const MEDIA = new RegExp(`${NAK}%(?:pic|txt):[^${NAK}\\n]*${NAK}`, 'g');
/** The form of nearly all main lines: words with one blank between them, and then times. */
const USUAL_LINE = new RegExp(
  `^\\*([^\\s:]+):\\t([^\\s${NAK}${BULLET}]+(?: [^\\s${NAK}${BULLET}]+)*) ?${NAK}(\\d{1,12})_(\\d{1,12})${NAK}$`,
);
/** Longer lines are not matched with USUAL_LINE: a pattern that repeats words may overflow the stack. */
const MAX_USUAL_CHARS = 10_000;
const WHITE = /\s/;
/** White space that must be replaced by one blank. */
const UNUSUAL_WHITE = /\s\s|[^\S ]/;
/** Dependent tiers in which older files have the times of the line before. */
const TIME_TIERS = new Set(['snd', 'mov']);
const OLD_TIMES = /(\d{1,12})_(\d{1,12})\s*$/;
const IN_SQUARE = /\[[^[\]]*\]/g;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** The words of one speaker, as in the file, without times. */
export interface ChatUtterance {
  /** The code of the speaker, such as `CHI`. */
  readonly speaker: string;
  readonly text: string;
  /** Null: it has none. */
  readonly times: { readonly startSec: number; readonly endSec: number } | null;
  readonly line: number;
}

/** The content of a CHAT file that is used. */
export interface ChatFile {
  readonly utterances: readonly ChatUtterance[];
  /** Names of speakers by their codes. A speaker may have no name. */
  readonly names: ReadonlyMap<string, string>;
  readonly dependentLines: readonly DependentLine[];
  /** Names of dependent tiers such as `%wor` that have words with times and also words without times. */
  readonly partlyTimedTiers: ReadonlySet<string>;
}

/** A line of a dependent tier. */
export interface DependentLine {
  /** Without `%`, such as `mor`. */
  readonly tier: string;
  /** Without times. */
  readonly text: string;
  readonly line: number;
  /** The utterances of its main line: from number `from` to before `to`. */
  readonly from: number;
  readonly to: number;
  /** The times of a word in a tier such as `%wor`; null: the line has the times of its main line. */
  readonly times: ChatUtterance['times'];
}

/**
 * Reads the lines of a CHAT file. A line that begins with a TAB continues the line before. The times of an utterance
 * stand after it.
 * Source: MacWhinney, The CHAT Transcription Format.
 * @throws TaskError E_TRANSCRIPT_MALFORMED with up to 100 faults
 */
export function* readUtterances(text: string, file: string): InPieces<ChatFile> {
  const lines = new LineReader(text);
  const reader = new ChatReader(file);
  const piece = new Piece();
  let open = '';
  let start = 1;
  for (let line = lines.next(); line !== null; line = lines.next()) {
    if (piece.add(line)) yield;
    if (line.startsWith('\t')) {
      if (open !== '') open += `\n${line}`;
      else if (line.trim() !== '') reader.refuse(lines.number, line);
      continue;
    }
    if (line.trim() === '') continue;
    if (open !== '') reader.add(open, start);
    open = line;
    start = lines.number;
  }
  if (open !== '') reader.add(open, start);
  return reader.finish();
}

class ChatReader {
  readonly #malformed: MalformedLines;
  readonly #utterances: ChatUtterance[] = [];
  readonly #names = new Map<string, string>();
  readonly #dependentLines: DependentLine[] = [];
  readonly #partlyTimedTiers = new Set<string>();
  /** Number of the first utterance of the last main line. */
  #mainLine = 0;

  constructor(file: string) {
    this.#malformed = new MalformedLines(file);
  }

  /** @param text - a line, with the lines that continue it */
  add(text: string, line: number): void {
    const usual = text.length <= MAX_USUAL_CHARS ? USUAL_LINE.exec(text) : null;
    const [, speaker, label, start, end] = usual ?? [];
    if (speaker !== undefined && label !== undefined) {
      this.#mainLine = this.#utterances.length;
      this.#utterances.push({ speaker, text: label, times: toTimes(start, end), line });
    } else this.#addAny(text, line);
  }

  #addAny(text: string, line: number): void {
    const sign = text.charAt(0);
    const colon = text.indexOf(':');
    const name = text.slice(1, colon);
    const isNamed = colon > 1 && !WHITE.test(name);
    if (sign === '@') this.#addHeader(text);
    else if (sign === '*' && isNamed) this.#addUtterance(name, text.slice(colon + 1), line);
    else if (sign === '%' && isNamed) this.#addTier(name, text.slice(colon + 1), line);
    else this.refuse(line, text);
  }

  refuse(line: number, found: string): void {
    const expected =
      'a line that begins with @, with *CODE: or with %tier:, or with a TAB if it goes on with the one before';
    this.#malformed.add({ line }, `expected ${expected}, found ${quoteFound(found)}; correct the line`);
  }

  finish(): ChatFile {
    this.#malformed.throwAny();
    return {
      utterances: this.#utterances,
      names: this.#names,
      dependentLines: this.#dependentLines,
      partlyTimedTiers: this.#partlyTimedTiers,
    };
  }

  #addUtterance(speaker: string, said: string, firstLine: number): void {
    this.#mainLine = this.#utterances.length;
    let end = 0;
    let line = firstLine;
    const push = (text: string, times: ChatUtterance['times']) => {
      const label = this.#toLabel(text, line);
      if (label !== '') this.#utterances.push({ speaker, text: label, times, line });
      if (text.includes('\n')) line += text.split('\n').length - 1;
    };
    for (const match of findTimes(said)) {
      push(said.slice(end, match.index), toTimes(match[1], match[2]));
      end = match.index + match[0].length;
    }
    const rest = said.slice(end);
    if (end > 0 && rest === '') return;
    const last = this.#utterances.at(-1);
    const isCode = end > 0 && !LETTER_OR_DIGIT.test(rest.replace(IN_SQUARE, ''));
    if (!isCode || last === undefined) push(rest, null);
    // A code after the times belongs to the text before them.
    else
      this.#utterances[this.#utterances.length - 1] = {
        ...last,
        text: this.#toLabel(`${last.text} ${rest}`, line),
      };
  }

  #toLabel(text: string, line: number): string {
    const said = (text.includes(NAK) ? text.replace(MEDIA, ' ') : text).trim();
    const label = UNUSUAL_WHITE.test(said) ? said.replace(/\s+/g, ' ') : said;
    if (label.includes(NAK)) {
      const expected = 'times between two bullets in milliseconds, such as 1250_3400';
      const found = quoteFound(label.slice(label.indexOf(NAK) + 1));
      this.#malformed.add({ line }, `expected ${expected}, found ${found}; correct them in CLAN`);
    }
    return label;
  }

  #addTier(tier: string, content: string, line: number): void {
    const times = TIME_TIERS.has(tier) ? OLD_TIMES.exec(content.replaceAll(NAK, '')) : null;
    const last = this.#utterances.at(-1);
    if (times === null || last === undefined) {
      this.#addDependent(tier, content, line);
    } else if (last.times === null) {
      this.#utterances[this.#utterances.length - 1] = { ...last, times: toTimes(times[1], times[2]) };
    }
  }

  /** Adds a line without times, or its words if each has times after it. */
  #addDependent(tier: string, content: string, line: number): void {
    const place = { tier, line, from: this.#mainLine, to: this.#utterances.length };
    let end = 0;
    for (const match of findTimes(content)) {
      const text = plain(content.slice(end, match.index));
      end = match.index + match[0].length;
      const times = toTimes(match[1], match[2]);
      if (times.endSec <= times.startSec) this.#partlyTimedTiers.add(tier);
      else if (text !== '') this.#dependentLines.push({ ...place, text, times });
    }
    const rest = plain(content.slice(end));
    if (end === 0 && rest !== '') this.#dependentLines.push({ ...place, text: rest, times: null });
    else if (LETTER_OR_DIGIT.test(rest)) this.#partlyTimedTiers.add(tier);
  }

  #addHeader(text: string): void {
    const [, list] = /^@Participants:(.*)$/s.exec(text) ?? [];
    for (const entry of list?.split(',') ?? []) {
      const [code, name, role] = entry.trim().split(/\s+/);
      // A participant without a name has only a role, and others may have the same role.
      if (code !== undefined && name !== undefined && role !== undefined) this.#names.set(code, name);
    }
  }
}

function plain(content: string): string {
  return content.replaceAll(NAK, ' ').trim().replace(/\s+/g, ' ');
}

/** Finds all times in a line. It looks for NAK first, which is faster than the pattern. */
function findTimes(said: string): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  const hasBullet = said.includes(BULLET);
  for (let at = 0; ; at = TIMES.lastIndex) {
    const from = hasBullet ? at : said.indexOf(NAK, at);
    if (from < 0) return found;
    TIMES.lastIndex = from;
    const match = TIMES.exec(said);
    if (match === null) return found;
    found.push(match);
  }
}

function toTimes(start = '', end = ''): { startSec: number; endSec: number } {
  return { startSec: readPlainDecimal(start) / 1000, endSec: readPlainDecimal(end) / 1000 };
}
