import { checkLines, type LineSink } from '../read-back.ts';
import type { WrittenFile } from '../result.ts';
import { array, expect, integer, object, string, takeOnce } from './rules.ts';

interface LevelFound {
  readonly name: string;
  readonly isEvents: boolean;
  readonly lastIdBefore: number;
}

/**
 * Reads an annotation back, line by line, so that it is never whole in memory. It must follow the rules of EMU and our
 * own: segments cover the recording, ids count up from 1, and each link leads to an item one level below.
 * @throws TaskError E_OUTPUT_INVALID with the line
 */
export const checkAnnotation = checkLines((file) => new AnnotationLines(file));

/** The part of the file in which the next line is. */
type Part = 'start' | 'levels' | 'items' | 'links' | 'end';

class AnnotationLines implements LineSink {
  readonly #file: WrittenFile;
  #part: Part = 'start';
  /** Whether the line before ended in a comma, so that another entry must follow. */
  #goesOn = false;
  /** Whether the next line is the first of its list. */
  #isFirst = true;
  #sampleCount = 0;
  #lastId = 0;
  /** The first sample that the next item of the level may have. */
  #reached = 0;
  /** The id to which the last link leads. */
  #linkedTo = 0;
  /** The index of the level with this id. */
  #linkedLevel = 0;
  readonly #names = new Set<string>();
  readonly #levels: LevelFound[] = [];

  constructor(file: WrittenFile) {
    this.#file = file;
  }

  add(line: string): void {
    if (this.#part === 'start') this.#start(line);
    else if (this.#part === 'levels') this.#addLevel(line);
    else if (this.#part === 'items') this.#addItem(line);
    else if (this.#part === 'links') this.#addLink(line);
    else expect(false, 'the end of the file', line);
  }

  end(): void {
    expect(this.#part === 'end', 'all of the annotation', this.#part);
  }

  #start(line: string): void {
    const keys = ['name', 'annotates', 'sampleRate', 'levels'] as const;
    const annotation = object(parseOpen(line), 'the annotation', keys);
    const name = string(annotation.name);
    expect(this.#file.name.endsWith(`_ses/${name}_bndl/${name}_annot.json`), 'the name of its folder', name);
    expect(annotation.annotates === `${name}.wav`, `${name}.wav`, annotation.annotates);
    const [durationSec = 0] = this.#file.durationsSec;
    this.#sampleCount = Math.round(durationSec * integer(annotation.sampleRate, 1));
    this.#open('levels');
  }

  #addLevel(line: string): void {
    if (line === '],"links":[') {
      this.#close();
      this.#open('links');
      return;
    }
    this.#next();
    const level = object(parseOpen(line), 'a level', ['name', 'type', 'items']);
    const name = string(level.name);
    takeOnce(this.#names, name, 'a level');
    expect(level.type === 'SEGMENT' || level.type === 'EVENT', 'SEGMENT or EVENT', level.type);
    this.#levels.push({ name, isEvents: level.type === 'EVENT', lastIdBefore: this.#lastId });
    this.#reached = 0;
    this.#open('items');
  }

  #addItem(line: string): void {
    const level = this.#levels.at(-1);
    if (level === undefined) return;
    if (line.startsWith(']')) {
      this.#close();
      const isWhole =
        level.isEvents || level.lastIdBefore === this.#lastId || this.#reached === this.#sampleCount;
      expect(isWhole, `segments up to sample ${this.#sampleCount}`, this.#reached);
      expect(line === ']}' || line === ']},', 'the end of a level', line);
      this.#part = 'levels';
      this.#isFirst = false;
      this.#goesOn = line.endsWith(',');
      return;
    }
    this.#next();
    const json = this.#parseEntry(line);
    const labels = array(level.isEvents ? this.#addEvent(json) : this.#addSegment(json));
    for (const [index, one] of labels.entries()) {
      const { name, value } = object(one, 'a label', ['name', 'value']);
      expect(index > 0 || name === level.name, 'a first label of the name of its level', name);
      expect(typeof name === 'string' && typeof value === 'string', 'text', value);
    }
    expect(labels.length > 0, 'a label', labels);
  }

  #addSegment(json: unknown): unknown {
    const item = object(json, 'a segment', ['id', 'sampleStart', 'sampleDur', 'labels']);
    this.#takeId(item.id);
    expect(item.sampleStart === this.#reached, `the start ${this.#reached}`, item.sampleStart);
    this.#reached += integer(item.sampleDur, 0) + 1;
    return item.labels;
  }

  #addEvent(json: unknown): unknown {
    const item = object(json, 'an event', ['id', 'samplePoint', 'labels']);
    this.#takeId(item.id);
    this.#reached = integer(item.samplePoint, this.#reached);
    expect(this.#reached < this.#sampleCount, `a sample before ${this.#sampleCount}`, item.samplePoint);
    return item.labels;
  }

  #takeId(id: unknown): void {
    expect(id === this.#lastId + 1, `the id ${this.#lastId + 1}`, id);
    this.#lastId += 1;
  }

  #addLink(line: string): void {
    if (line === ']}') {
      this.#close();
      this.#part = 'end';
      return;
    }
    this.#next();
    const { fromID, toID } = object(this.#parseEntry(line), 'a link', ['fromID', 'toID']);
    const from = integer(fromID, 1);
    // These ids count up, so that no item has two links from above.
    const to = integer(toID, this.#linkedTo + 1);
    this.#linkedTo = to;
    while ((this.#levels[this.#linkedLevel + 1]?.lastIdBefore ?? to) < to) this.#linkedLevel += 1;
    const [above, below] = [this.#levels[this.#linkedLevel - 1], this.#levels[this.#linkedLevel]];
    const isBelow =
      above !== undefined && below !== undefined && to <= this.#lastId && isAbove(above.name, below.name);
    const isFrom = isBelow && above.lastIdBefore < from && from <= below.lastIdBefore;
    expect(isFrom, 'a link to an item of the level below', [fromID, toID]);
  }

  #open(part: Part): void {
    this.#part = part;
    this.#isFirst = true;
    this.#goesOn = false;
  }

  /** Begins another entry of a list. */
  #next(): void {
    expect(this.#isFirst || this.#goesOn, 'a comma between entries', 'none');
    this.#isFirst = false;
  }

  /** Ends a list. */
  #close(): void {
    expect(!this.#goesOn, 'an entry after a comma', 'none');
  }

  #parseEntry(line: string): unknown {
    this.#goesOn = line.endsWith(',');
    return JSON.parse(this.#goesOn ? line.slice(0, -1) : line);
  }
}

/** Parses a line that begins an object and, at its end, a list in it. */
function parseOpen(line: string): unknown {
  expect(line.endsWith('['), 'a line that ends in [', line);
  return JSON.parse(`${line}]}`);
}

/** `Text_2` is above `Word_2`, which is above `Phone_2`. */
function isAbove(above: string, below: string): boolean {
  return (
    (/^Text(_\d+)?$/.test(above) && below === above.replace('Text', 'Word')) ||
    (/^Word(_\d+)?$/.test(above) && below === above.replace('Word', 'Phone'))
  );
}
