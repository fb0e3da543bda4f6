import { TaskError } from '../../base/errors.ts';
import type { InPieces } from '../../base/pieces.ts';
import { quoteFound } from '../malformed.ts';
import { readPlainDecimal } from '../plain-decimal.ts';
import { type Interval, sortByStart } from '../tiers.ts';
import type { Transcript, TranscriptFormat } from '../transcript.ts';
import { readXml } from '../xml.ts';
import type { PlainCursor, XmlElement, XmlHandler } from '../xml-handler.ts';
import { decodeXml } from '../xml-text.ts';
import { addedLabel, attribute, oneLine } from './labels.ts';
import { PlainParts } from './plain-parts.ts';

/** The tier of Turns without a speaker. */
const NO_SPEAKER = 'no speaker';
/** Elements that cannot be shown in tiers, and what they are called in a warning. */
const BESIDE_TIERS: ReadonlyMap<string, string> = new Map([
  ['Topic', 'topics'],
  ['Speaker', 'properties of speakers'],
  ['Section', 'sections'],
  ['Background', 'backgrounds'],
]);
const SECONDS = /^\s*\d+(?:\.\d*)?\s*$/;
const IN_BRACKETS = /\[[^[\]]*\]|\{[^{}]*\}/g;

/**
 * Transcriber's `.trs`: each speaker is a tier, and their words from one Sync to the next are an interval. Events and comments are
 * in the label in brackets, as Transcriber shows them, and are not spoken.
 * Source: the DTD of Transcriber, trans-14.dtd.
 */
export const TRS: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    const reader = new TrsReader(file);
    yield* readXml(decodeXml(bytes, file, options), file, reader);
    return reader.finish(options.audioSec);
  },
};

/** The text since the last Sync. */
interface Segment {
  startSec: number;
  line: number;
  /** The text of the first speaker of the Turn. Most Turns have only one. */
  firstText: string;
  /** The texts of other speakers, by their place in the Turn. Null: there are none. */
  texts: Map<number, string> | null;
}

interface Turn {
  readonly endSec: number;
  readonly speakers: readonly string[];
  segment: Segment;
  /** The current speaker, as an index in `speakers`; null: there are several, and no Who has come yet. */
  who: number | null;
}

class TrsReader implements XmlHandler {
  readonly #file: string;
  readonly #names = new Map<string, string>();
  readonly #tiers = new Map<string, Interval[]>();
  /** The texts of events and comments in labels. */
  readonly #added = new Set<string>();
  readonly #besideTiers = new Set<string>();
  readonly #parts = new PlainParts();
  #isRoot = true;
  #lastSec = 0;
  /** The tier of the last interval. The next interval usually belongs to the same tier. */
  #lastId: string | null = null;
  #lastIntervals: Interval[] = [];
  #turn: Turn | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  readonly open = (element: XmlElement): void => {
    if (this.#isRoot && element.name !== 'Trans')
      throw this.#fault(element, 'the element <Trans>', `<${element.name}>`);
    this.#isRoot = false;
    switch (element.name) {
      case 'Turn':
        this.#beginTurn(element);
        break;
      case 'Sync':
        this.#sync(element);
        break;
      case 'Who':
        this.#who(element);
        break;
      default:
        this.#openOther(element);
    }
  };

  readonly close = (name: string): void => {
    if (name !== 'Turn' || this.#turn === null) return;
    this.#endSegment(this.#turn.endSec);
    this.#turn = null;
  };

  readonly text = (text: string): void => {
    this.#say(text);
  };

  /** Reads ahead only if the Turn has one speaker: all its text belongs to this speaker. */
  readAhead(text: string, cursor: PlainCursor): void {
    // Inside another element, the next end tag would not be that of the Turn.
    if (cursor.openName !== 'Turn') return;
    for (let turn = this.#turn; turn !== null && turn.speakers.length === 1; turn = this.#turn) {
      const part = this.#parts.read(text, cursor.at, cursor.line);
      if (part === null) return;
      const { label, labelEnd, startSec, next } = part;
      const { segment } = turn;
      const endSec = next === null ? startSec : turn.endSec;
      // A label without events needs no changes.
      if (segment.firstText === '') this.#addInterval(turn.speakers[0] ?? '', label, segment, endSec);
      else {
        segment.firstText += text.slice(cursor.at, labelEnd);
        this.#endSegment(endSec);
        segment.firstText = '';
      }
      segment.startSec = startSec;
      segment.line = part.line;
      if (next !== null) this.#turn = { endSec: next.endSec, speakers: [next.speaker], segment, who: 0 };
      cursor.at = part.end;
      cursor.line = part.line;
      cursor.toldCount += 2;
    }
  }

  finish(audioSec: number | null): Transcript {
    const span = { startSec: 0, endSec: Math.max(audioSec ?? 0, this.#lastSec) };
    return {
      ...span,
      tiers: [...this.#tiers].map(([id, intervals]) => {
        const name = this.#names.get(id) || id || NO_SPEAKER;
        return { kind: 'interval', name, ...span, intervals: sortByStart(intervals) };
      }),
      besideTiers: [...this.#besideTiers],
      shownLabel: (label) => label.replace(IN_BRACKETS, (found) => (this.#added.has(found) ? ' ' : found)),
    };
  }

  #openOther(element: XmlElement): void {
    const added = addedLabel(element);
    if (added !== null) this.#add(added);
    if (element.name === 'Speaker')
      this.#names.set(attribute(element, 'id'), attribute(element, 'name').trim());
    const beside = BESIDE_TIERS.get(element.name);
    if (beside !== undefined) this.#besideTiers.add(beside);
  }

  #beginTurn(element: XmlElement): void {
    if (this.#turn !== null) throw this.#fault(element, 'the end of the Turn before', 'a Turn inside it');
    const { speaker = '', startTime, endTime } = element.attributes;
    const named = speaker.trim();
    const speakers = named.includes(' ') ? named.split(/\s+/) : named === '' ? [] : [named];
    this.#parts.expect(element.attributes);
    this.#turn = {
      endSec: this.#seconds(element, 'endTime', endTime),
      speakers: speakers.length === 0 ? [''] : speakers,
      segment: newSegment(this.#seconds(element, 'startTime', startTime), element.line),
      who: speakers.length > 1 ? null : 0,
    };
  }

  #sync(element: XmlElement): void {
    if (this.#turn === null) throw this.#fault(element, 'a Sync inside a Turn', 'one outside');
    const startSec = this.#seconds(element, 'time', element.attributes['time']);
    this.#endSegment(startSec);
    this.#turn.segment = newSegment(startSec, element.line);
    if (this.#turn.speakers.length > 1) this.#turn.who = null;
  }

  #who(element: XmlElement): void {
    const number = Number(attribute(element, 'nb'));
    const count = this.#turn?.speakers.length ?? 0;
    if (this.#turn === null || !Number.isInteger(number) || number < 1 || number > count) {
      const found = quoteFound(attribute(element, 'nb'));
      throw this.#fault(element, `nb to be the place of a speaker of the Turn, 1 to ${count}`, found);
    }
    this.#turn.who = number - 1;
  }

  /** Adds an event or a comment to the label. If it comes before a Who, it belongs to the first speaker. */
  #add(label: string): void {
    if (this.#turn === null) return;
    this.#added.add(label);
    append(this.#turn.segment, this.#turn.who ?? 0, ` ${label} `);
  }

  #say(text: string): void {
    const turn = this.#turn;
    if (turn === null || text.trim() === '') return;
    if (turn.who === null) {
      const expected = `a Who that says which of the ${turn.speakers.length} speakers of the Turn this is`;
      throw this.#fault(turn.segment, expected, `${quoteFound(text)} without one`);
    }
    append(turn.segment, turn.who, text);
  }

  #endSegment(endSec: number): void {
    if (this.#turn === null) return;
    const { speakers, segment } = this.#turn;
    if (segment.firstText !== '')
      this.#addInterval(speakers[0] ?? '', oneLine(segment.firstText), segment, endSec);
    if (segment.texts === null) return;
    for (const [at, said] of [...segment.texts].sort(([one], [other]) => one - other))
      this.#addInterval(speakers[at] ?? '', oneLine(said), segment, endSec);
  }

  #addInterval(id: string, text: string, { startSec, line }: Segment, endSec: number): void {
    if (text === '') return;
    this.#lastSec = Math.max(this.#lastSec, endSec);
    const interval = { startSec, endSec, text, line };
    if (id !== this.#lastId) {
      const known = this.#tiers.get(id);
      this.#lastId = id;
      this.#lastIntervals = known ?? [];
      if (known === undefined) this.#tiers.set(id, this.#lastIntervals);
    }
    this.#lastIntervals.push(interval);
  }

  #seconds(element: XmlElement, name: string, value = ''): number {
    const sec = readPlainDecimal(value);
    if (sec >= 0) return sec;
    if (SECONDS.test(value)) return Number(value);
    throw this.#fault(element, `${name} to be seconds such as 12.345`, quoteFound(value));
  }

  #fault({ line }: Pick<XmlElement, 'line'>, expected: string, found: string): TaskError {
    const text = `expected ${expected}, found ${found}; correct it in Transcriber or in the file`;
    return new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file: this.#file, line } });
  }
}

function newSegment(startSec: number, line: number): Segment {
  return { startSec, line, firstText: '', texts: null };
}

function append(segment: Segment, who: number, text: string): void {
  if (who === 0) {
    segment.firstText += text;
    return;
  }
  segment.texts ??= new Map();
  segment.texts.set(who, (segment.texts.get(who) ?? '') + text);
}
