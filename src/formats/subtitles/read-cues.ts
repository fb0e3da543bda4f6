import { type InPieces, Piece } from '../../base/pieces.ts';
import { LineReader } from '../line-reader.ts';
import { MalformedLines, quoteFound } from '../malformed.ts';
import { isTimesLine, readTimes } from './times.ts';

/** Tags with the times of single words (`<00:01.500>`), and classes (`<c.yellow>`). */
export const INLINE_TIMES = /<\/?c(?:\.[^<>]*)?>|<\d[\d:.]*>/g;
const INLINE_TIME = /<\d[\d:.]*>/;
/** Settings after the times of a cue, such as `line:90%`. */
const SETTINGS = /-->\s*\S+\s+\S/;
const USUAL_TIMES_CHARS = '00:01:02,500 --> 00:01:04,000'.length;
const WEBVTT = /^WEBVTT(?![^ \t\r\n])/;
const NUMBER = /^\s*\d+\s*$/;
const NINE = 0x39;
const NOTE = /^NOTE(?:[ \t]|$)/;
/**
 * Parts of WebVTT that are not cues. `Kind:` and the like belong right below `WEBVTT`, but some programs write an empty
 * line before them.
 */
const HEADER = /^(?:(?:STYLE|REGION)[ \t]*$|(?:REGION|Region|Kind|Language) ?:|X-TIMESTAMP-MAP ?=)/;

/** What is shown on the screen from one time to another. */
export interface Cue {
  readonly startSec: number;
  endSec: number;
  /** Its lines as in the file, without empty lines and without the times of single words. */
  text: string;
  /** Number of the line with its times, from 1. */
  readonly line: number;
}

function isWebVtt(text: string): boolean {
  return WEBVTT.test(text.slice(0, 7));
}

/**
 * Reads the cues of a file in SRT or WebVTT, in the order of the file. The text of a cue goes on to the next cue, so it
 * may have blank lines. The line before the times is the number (SRT) or name (WebVTT, after an empty line) of the cue.
 * Source: W3C, WebVTT; SRT has no standard.
 * @param passedOver - gets the names of everything else in the file, such as "notes"
 * @throws TaskError E_TRANSCRIPT_MALFORMED with up to 100 faults
 */
export function* readCues(text: string, file: string, passedOver = new Set<string>()): InPieces<Cue[]> {
  const reader = new CueReader(file, isWebVtt(text), passedOver);
  const lines = new LineReader(text);
  const piece = new Piece();
  for (let line = lines.next(); line !== null; line = lines.next()) {
    reader.add(line, lines.peek() ?? '', lines.number);
    if (piece.add(line)) yield;
  }
  return reader.end();
}

class CueReader {
  readonly #isVtt: boolean;
  readonly #malformed: MalformedLines;
  readonly #passedOver: Set<string>;
  readonly #cues: Cue[] = [];
  /** The cue that a text here belongs to; null: there is none. */
  #cue: Cue | null = null;
  #isCueSeen = false;
  /** Whether the current lines of WebVTT, up to an empty one, are not a cue. */
  #isSkipped: boolean;
  #before = '';
  /** Whether the next line has the times of a cue; null: not yet known. */
  #isNextTimes: boolean | null = null;
  /** A number between blank lines: it belongs to a cue if the times of the cue come next. */
  #number: { readonly text: string; readonly line: number } | null = null;

  constructor(file: string, isVtt: boolean, passedOver: Set<string>) {
    this.#malformed = new MalformedLines(file);
    this.#passedOver = passedOver;
    this.#isVtt = isVtt;
    this.#isSkipped = isVtt;
  }

  add(line: string, next: string, number: number): void {
    const before = this.#before;
    this.#before = line;
    const isTimes = this.#isNextTimes ?? isTimesLine(line);
    this.#isNextTimes = isTimesLine(next);
    if (isTimes) this.#begin(line, number);
    else if (line.trim() === '') this.#isSkipped &&= line !== '';
    else if (this.#isSkipped || this.#isHead(line, before, next, number)) return;
    else this.#say(line, number);
  }

  /** @throws TaskError */
  end(): Cue[] {
    this.#flushNumber();
    this.#malformed.throwAny();
    return this.#cues;
  }

  #begin(line: string, number: number): void {
    const times = readTimes(line, number);
    this.#number = null;
    this.#isSkipped = false;
    this.#isCueSeen = true;
    if ('found' in times) {
      const { place, expected, found } = times;
      this.#malformed.add(place, `expected ${expected}, found ${quoteFound(found)}; correct the line`);
      this.#cue = noCue();
      return;
    }
    if (line.length > USUAL_TIMES_CHARS) this.#notePlace(line);
    this.#cue = { startSec: times.startSec, endSec: times.endSec, text: '', line: number };
    this.#cues.push(this.#cue);
  }

  /** Whether a line is not text: the number or name of a cue, or the beginning of something that is not a cue. */
  #isHead(line: string, before: string, next: string, number: number): boolean {
    if (!this.#isVtt) {
      if (!mayBeNumber(line) || !NUMBER.test(line)) return false;
      if (this.#isNextTimes === true) {
        this.#flushNumber();
        return true;
      }
      if (before.trim() !== '' || next.trim() !== '') return false;
      this.#flushNumber();
      this.#number = { text: line, line: number };
      return true;
    }
    if (before !== '') return false;
    if (this.#isNextTimes === true) return true;
    this.#isSkipped = NOTE.test(line) || (!this.#isCueSeen && HEADER.test(line));
    if (this.#isSkipped) {
      this.#cue = null;
      this.#passedOver.add(NOTE.test(line) ? 'notes' : 'styles');
    }
    return this.#isSkipped;
  }

  #say(line: string, number: number): void {
    this.#flushNumber();
    if (this.#cue === null) {
      const expected = 'the times of a cue, such as 00:01:02,500 --> 00:01:04,000';
      this.#malformed.add(
        { line: number },
        `expected ${expected}, found ${quoteFound(line)}; write the times before this line`,
      );
      // One fault is enough for all lines that have no times.
      this.#cue = noCue();
    }
    const trimmed = line.trim();
    const said = trimmed.includes('<') ? this.#withoutInlineTimes(trimmed) : trimmed;
    if (said !== '') this.#cue.text = this.#cue.text === '' ? said : `${this.#cue.text}\n${said}`;
  }

  #notePlace(line: string): void {
    if (SETTINGS.test(line)) this.#passedOver.add('places on the screen');
  }

  /** A line without the times and classes of its single words, which only colour them. */
  #withoutInlineTimes(line: string): string {
    if (INLINE_TIME.test(line)) this.#passedOver.add('times of single words');
    return line.replace(INLINE_TIMES, '').trim();
  }

  #flushNumber(): void {
    const number = this.#number;
    this.#number = null;
    if (number !== null) this.#say(number.text, number.line);
  }
}

/** A fast check before the pattern NUMBER: most lines begin with a letter. */
function mayBeNumber(line: string): boolean {
  const first = line.charCodeAt(0);
  return first <= NINE || first > 0x7f;
}

/** Takes the text of a cue whose times were reported as wrong. */
function noCue(): Cue {
  return { startSec: 0, endSec: 0, text: '', line: 0 };
}
