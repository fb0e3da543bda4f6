import { plural } from '../base/count-text.ts';
import { nameSome } from '../base/name-some.ts';
import { quoteFound } from './malformed.ts';

/** How much of a line is searched. A name with a time and brackets is shorter. */
const MAX_HEAD_CHARS = 120;
/** How many names a warning lists. */
const MAX_NAMED = 10;
/** If repeated names begin this share of the cues or lines, they are names of speakers, whatever they look like. */
const SURE_SHARE = 0.5;
/** The same, if each word of the names begins with a capital letter. In a lecture, "Example:" begins fewer lines. */
const MIN_SHARE = 0.1;
/** If names begin this share, as in minutes of meetings, names that occur once are names of speakers, too. */
const ALL_SHARE = 0.9;
/** In more cues or lines than this, such names must occur twice on average: entries of a dictionary do not. */
const MAX_UNREPEATED = 3;

/** Tags and codes, and then a sign for another speaker, such as a dash. */
const LEAD = /^(?:\{\\[^{}]*\}|<[^<>]*>)*(?:-[ \t]*|>>[ \t]*)?/;
const CHANGE = /(?:-|>>)[ \t]*$/;
const WORD = String.raw`[\p{L}\p{N}][^\s:：<>{}()[\]!?;"“”«»]*`;
const NAME = String.raw`${WORD}(?:[ \t]${WORD}){0,3}(?:[ \t]\([^()<>:]{1,30}\))?`;
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?:[ \t]?[AP]M)?`;
const TIME_IN_BRACKETS = String.raw`(?:\(${CLOCK}\)|\[${CLOCK}\])`;
const TIME = `(?:${CLOCK}|${TIME_IN_BRACKETS})`;
const COLON = String.raw`[ \t\u00a0\u202f]?(?::(?=\s|$)|：)`;
const BEFORE_COLON = new RegExp(`^(${NAME})${COLON}[ \t]*`, 'u');
/**
 * Also with times, which programs write into a text. After a name they must be in brackets: "Anna: 10:30 is fine" may
 * be said.
 */
const BEFORE_TIMED_COLON = new RegExp(
  `^(?:${TIME}[ \t]+)?(${NAME})(?:[ \t]+${TIME_IN_BRACKETS})?${COLON}[ \t]*(${TIME_IN_BRACKETS}(?=\\s|$)[ \t]*)?`,
  'u',
);
const BESIDE_TIME = new RegExp(`^(?:(${NAME})|\\[(${NAME})\\])[ \t]+${TIME}$`, 'u');
const LETTER = /\p{L}/u;
const SMALL_WORD = /(?:^|[ \t])\p{Ll}/u;

/** A line that may begin with the name of a speaker. */
export interface NameHead {
  readonly name: string;
  /** The whole line without the name, its colon and times. */
  readonly said: string;
  /** A name with a time and nothing else: no sentence looks like this. */
  readonly isHeading?: boolean;
}

/** Whether a line begins with the sign for another speaker. */
export function isChange(line: string): boolean {
  return CHANGE.test(LEAD.exec(line)?.[0] ?? '');
}

/** Whether a text has a colon. Without one, it has no name, and this check is much faster than the search for names. */
export function hasColon(text: string): boolean {
  return text.includes(':') || text.includes('：');
}

/** Splits `Anna: hello` of subtitles. @returns null: the line does not begin like this */
export function splitName(line: string): NameHead | null {
  if (!hasColon(line)) return null;
  const lead = LEAD.exec(line)?.[0] ?? '';
  const [head, name] = BEFORE_COLON.exec(line.slice(lead.length, lead.length + MAX_HEAD_CHARS)) ?? [];
  if (head === undefined || name === undefined || !LETTER.test(name)) return null;
  const tags = lead.replace(CHANGE, '');
  return { name, said: tags + line.slice(lead.length + head.length) };
}

/**
 * Splits `Anna: hello`, `[0:05] Anna: hello`, and `Anna (0:05)` on a line of its own, in plain texts.
 * @returns null: the line does not begin like this
 */
export function splitTimedName(line: string): NameHead | null {
  if (!hasColon(line)) return null;
  const [, plain, inBrackets] = (line.length <= MAX_HEAD_CHARS && BESIDE_TIME.exec(line)) || [];
  const heading = plain ?? inBrackets;
  if (heading !== undefined && LETTER.test(heading)) return { name: heading, said: '', isHeading: true };
  const [head, name, time] = BEFORE_TIMED_COLON.exec(line.slice(0, MAX_HEAD_CHARS)) ?? [];
  if (head === undefined || name === undefined || !LETTER.test(name)) return null;
  return { name, said: line.slice(head.length), isHeading: time !== undefined && head === line };
}

/** Counts what may be names of speakers in one transcript, and decides which are. */
export class NameTally {
  readonly #counts = new Map<string, number>();
  readonly #headings = new Set<string>();
  #count = 0;
  #startCount = 0;

  /** Adds a cue or a line. @param heads - for each of its lines; null: it has no name */
  add(heads: readonly (NameHead | null)[]): void {
    this.#count += 1;
    if (heads[0] !== null && heads[0] !== undefined) this.#startCount += 1;
    for (const head of heads) {
      if (head === null) continue;
      this.#counts.set(head.name, (this.#counts.get(head.name) ?? 0) + 1);
      if (head.isHeading === true && !SMALL_WORD.test(head.name)) this.#headings.add(head.name);
    }
  }

  /**
   * The names of speakers, each with the number of lines that begin with it. A name that occurs once may be a word such
   * as "Note": it counts only if it has a time, or if nearly all cues or lines begin with names.
   */
  speakers(): ReadonlyMap<string, number> {
    const all = [...this.#counts];
    const likely = all.filter(([name, count]) => count > 1 || this.#headings.has(name));
    const isRepeated = this.#count <= MAX_UNREPEATED || 2 * all.length <= this.#startCount;
    if (this.#count > 1 && isRepeated && this.#startCount >= ALL_SHARE * this.#count) return this.#counts;
    if (sum(likely) >= SURE_SHARE * this.#count) return new Map(likely);
    const capitals = likely.filter(([name]) => !SMALL_WORD.test(name));
    return new Map(sum(capitals) >= MIN_SHARE * this.#count ? capitals : []);
  }
}

/** `"Anna" (12 lines), "Ben" (1 line)` */
export function nameSpeakers(speakers: ReadonlyMap<string, number>): string {
  return nameSome(
    [...speakers],
    MAX_NAMED,
    ([name, count]) => `${quoteFound(name)} (${plural(count, 'line')})`,
  );
}

function sum(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((total, [, count]) => total + count, 0);
}
