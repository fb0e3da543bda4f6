import { readPlainDecimal } from '../plain-decimal.ts';
import { FORBIDDEN, tagStart } from '../plain-xml.ts';

const WORD = `[^\\s<>&${FORBIDDEN}]+`;
/** Words with one blank between them, on lines of their own or not, up to a tag. */
const LABEL = new RegExp(`(?:\\r?\\n)?(?:${WORD}(?: ${WORD})*)?(?:\\r?\\n)?(?=<)`, 'y');
const BEFORE_TIME = '<Sync time="';
const AFTER_TIME = '"/>';
const SYNC = new RegExp(`${BEFORE_TIME}[\\d.]+${AFTER_TIME}`, 'y');
const NEXT_TURN = '</Turn>\\r?\\n';
const RETURN = 0x0d;
const LINE_FEED = 0x0a;
const SLASH = 0x2f;

/** A label, and the Sync or the beginning of the next Turn that comes after it. */
interface PlainPart {
  /** Without layout. */
  readonly label: string;
  /** Index in the text where the label and its layout end, and where the part ends. */
  readonly labelEnd: number;
  readonly end: number;
  /** The time where the next label begins, and the line of its tag. */
  readonly startSec: number;
  readonly line: number;
  /** The next Turn; null: a Sync comes after the label. */
  readonly next: { readonly speaker: string; readonly endSec: number } | null;
}

/** The end of a Turn and the beginning of one with the same attributes in one order. */
interface NextTurn {
  readonly pattern: RegExp;
  /** Numbers of groups; 0: there is no such attribute. */
  readonly speaker: number;
  readonly startTime: number;
  readonly endTime: number;
}

/** Reads what nearly all of a Transcriber file consists of, several times faster than element by element. */
export class PlainParts {
  readonly #nextTurns = new Map<string, NextTurn>();
  #attributeNames: readonly string[] = [];
  /** For these attributes; null: not looked up yet. */
  #nextTurn: NextTurn | null = null;

  /** Sets the attributes that the next Turn is expected to have: those of this one, in the same order. */
  expect(attributes: Readonly<Record<string, string>>): void {
    this.#attributeNames = Object.keys(attributes);
    this.#nextTurn = null;
  }

  /**
   * Reads the part at `at`.
   * @param line - the line there
   * @returns null: something else comes, or the part is not complete
   */
  read(text: string, at: number, line: number): PlainPart | null {
    LABEL.lastIndex = at;
    if (!LABEL.test(text)) return null;
    const labelEnd = LABEL.lastIndex;
    let from = at;
    let to = labelEnd;
    let lineAfter = line;
    if (text.charCodeAt(from) === RETURN) from += 1;
    if (text.charCodeAt(from) === LINE_FEED) {
      from += 1;
      lineAfter += 1;
    }
    if (to > from && text.charCodeAt(to - 1) === LINE_FEED) {
      to -= text.charCodeAt(to - 2) === RETURN ? 2 : 1;
      lineAfter += 1;
    }
    const label = text.slice(from, to);
    if (text.charCodeAt(labelEnd + 1) === SLASH) return this.#readNextTurn(text, label, labelEnd, lineAfter);
    SYNC.lastIndex = labelEnd;
    if (!SYNC.test(text)) return null;
    const end = SYNC.lastIndex;
    const startSec = readPlainDecimal(text, labelEnd + BEFORE_TIME.length, end - AFTER_TIME.length);
    return startSec >= 0 ? { label, labelEnd, end, startSec, line: lineAfter, next: null } : null;
  }

  #readNextTurn(text: string, label: string, labelEnd: number, line: number): PlainPart | null {
    this.#nextTurn ??= this.#findNextTurn();
    const { pattern, speaker: inGroup, startTime, endTime } = this.#nextTurn;
    pattern.lastIndex = labelEnd;
    const groups = pattern.exec(text);
    if (groups === null) return null;
    const speaker = inGroup === 0 ? '' : (groups[inGroup] ?? '');
    const startSec = readPlainDecimal(groups[startTime] ?? '');
    const endSec = readPlainDecimal(groups[endTime] ?? '');
    if (!(startSec >= 0 && endSec >= 0) || /\s/.test(speaker)) return null;
    return { label, labelEnd, end: pattern.lastIndex, startSec, line: line + 1, next: { speaker, endSec } };
  }

  #findNextTurn(): NextTurn {
    const names = this.#attributeNames;
    const key = names.join(' ');
    const known = this.#nextTurns.get(key);
    if (known !== undefined) return known;
    const groupOf = (name: string) => names.indexOf(name) + 1;
    const made = {
      pattern: new RegExp(`${NEXT_TURN}${tagStart('Turn', names)}>`, 'y'),
      speaker: groupOf('speaker'),
      startTime: groupOf('startTime'),
      endTime: groupOf('endTime'),
    };
    this.#nextTurns.set(key, made);
    return made;
  }
}
