import { TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { formatSec, type Interval, type TextLine, type Tier } from '../tiers.ts';
import type { TableOptions, Transcript } from '../transcript.ts';
import type { Columns } from './columns.ts';
import type { SpokenRow } from './spoken-rows.ts';

/** Of a table without tiers and speakers; it is the same in all recordings, as of a plain text. */
const TIER = 'speaker';
/** Words or phones of a speaker: programs that align name such tiers so. */
const PART = /^(?:words?|phones?)$/;
const MS_PER_SEC = 1000;
const SLACK_SEC = 0.1;
/** Whisper works in windows of this length, so its last row may end after the audio. */
const WINDOW_SEC = 30;
const SLOW_SEC = 60;

/** An interval whose end may be that of the next one's start. */
interface Entry {
  startSec: number;
  endSec: number | null;
  readonly text: string;
  readonly line: number;
}

/** The intervals of one tier. */
interface TierRows {
  readonly tier: string;
  readonly speaker: string;
  readonly entries: Entry[];
}

/** The content of a table about one recording. */
export class RecordingTable {
  readonly recording: string;
  /** Where it is named first. */
  readonly line: number;
  readonly #file: string;
  readonly #program: Pick<Columns, 'isPraat' | 'isWhisper'>;
  readonly #warn: TableOptions['warn'];
  readonly #tiers = new Map<string, TierRows>();
  #last: TierRows | null = null;
  readonly #lines: TextLine[] = [];
  #isWhole = true;
  #isUntimed = false;
  /** Of the last phone: whether the next one is of the same word. */
  #lastWord = '';
  readonly #besideTiers = new Set<string>();

  /** @param program - which wrote the table */
  constructor(
    { recording, line }: SpokenRow,
    file: string,
    program: Pick<Columns, 'isPraat' | 'isWhisper'>,
    warn: TableOptions['warn'],
  ) {
    this.recording = recording;
    this.line = line;
    this.#file = file;
    this.#program = program;
    this.#warn = warn;
  }

  add(row: SpokenRow): void {
    const { startSec, endSec, text, line, speaker, tier, word, wordNumber } = row;
    if (word !== null && startSec !== null && endSec !== null) {
      const key = JSON.stringify([speaker, wordNumber]);
      const words = this.#tier(speaker, 'word').entries;
      const last = words.at(-1);
      if (last !== undefined && key === this.#lastWord) last.endSec = endSec;
      else words.push({ startSec, endSec, text: word, line });
      this.#lastWord = key;
      this.#tier(speaker, 'phone').entries.push({ startSec, endSec, text, line });
      if (row.ipa !== '' && row.ipa !== text.trim()) this.#besideTiers.add('IPA');
      if (row.quality !== '' && row.quality !== 'ok') this.#besideTiers.add('marks of doubtful phones');
      return;
    }
    if (startSec === null) {
      this.#isUntimed = true;
      const said = text.trim();
      if (said === '') return;
      this.#tier(speaker, tier);
      this.#lines.push({ text: said, line });
      return;
    }
    this.#isWhole &&= row.isWhole;
    this.#tier(speaker, tier).entries.push({ startSec, endSec, text, line });
  }

  /**
   * Its transcript: times in order, tiers in the order in which they are named.
   * @throws TaskError E_TRANSCRIPT_MALFORMED when it cannot be told what times or texts without times mean
   */
  *toTranscript(audioSec: number | null): InPieces<Transcript> {
    if (this.#isUntimed) return this.#untimed(audioSec ?? 0);
    yield* this.#putInOrder(audioSec);
    const tiers = [...this.#tiers.values()];
    const shared = findShared(tiers);
    const lastTime = tiers.reduce((last, { entries }) => Math.max(last, lastOf(entries)), 0);
    const isScaled = this.#isInMilliseconds(lastTime, audioSec);
    if (isScaled) for (const { entries } of tiers) for (const entry of entries) toSeconds(entry);
    const lastSec = isScaled ? lastTime / MS_PER_SEC : lastTime;
    const span = { startSec: 0, endSec: Math.max(lastSec, audioSec ?? 0) };
    const besideTiers = [...this.#besideTiers];
    return { ...span, tiers: tiers.map((one) => this.#toTier(one, shared, span)), besideTiers };
  }

  #tier(speaker: string, tier: string): TierRows {
    // Most rows are of the speaker and the tier of the one before.
    if (this.#last?.speaker === speaker && this.#last.tier === tier) return this.#last;
    this.#last = this.#findTier(speaker, tier);
    return this.#last;
  }

  #findTier(speaker: string, tier: string): TierRows {
    const key = JSON.stringify([speaker, tier]);
    const found = this.#tiers.get(key);
    if (found !== undefined) return found;
    const made = { tier, speaker, entries: [] };
    this.#tiers.set(key, made);
    return made;
  }

  #untimed(endSec: number): Transcript {
    if (this.#tiers.size > 1) {
      const text =
        'expected times where a recording has several speakers or tiers, since they may speak at the same time, found none; ' +
        'add the columns begin and end, or take the column of speakers out';
      throw this.#malformed(text, this.line);
    }
    const [one] = this.#tiers.values();
    const span = { startSec: 0, endSec };
    const text = this.#lines.map((line) => line.text).join('\n');
    const intervals = [{ ...span, text, lines: this.#lines }];
    const name = one === undefined ? TIER : nameOf(one, new Set());
    return { ...span, tiers: [{ kind: 'interval', name, ...span, intervals }] };
  }

  /** Sorts the rows of each tier; where no ends are given, each lasts up to the next of the recording. */
  *#putInOrder(audioSec: number | null): InPieces<void> {
    const starts: number[] = [];
    for (const { entries } of this.#tiers.values()) {
      yield;
      const isSorted = entries.every(
        (entry, index) => index === 0 || compare(entries[index - 1], entry) <= 0,
      );
      if (!isSorted) entries.sort(compare);
      for (const { startSec, endSec } of entries) if (endSec === null) starts.push(startSec);
    }
    if (starts.length === 0) return;
    starts.sort((a, b) => a - b);
    const piece = new Piece();
    for (const { entries } of this.#tiers.values()) {
      let next = 0;
      for (const entry of entries) {
        if (piece.add('')) yield;
        while (next < starts.length && (starts[next] ?? 0) <= entry.startSec) next += 1;
        entry.endSec ??= starts[next] ?? Math.max(audioSec ?? 0, entry.startSec);
      }
    }
  }

  /** Of times without a unit. @throws TaskError where they may be, and it cannot be told */
  #isInMilliseconds(lastTime: number, audioSec: number | null): boolean {
    if (!this.#isWhole) return false;
    const isLong = audioSec === null ? this.#isSlow() : lastTime > audioSec + SLACK_SEC;
    const isShort = audioSec === null || lastTime / MS_PER_SEC <= audioSec + WINDOW_SEC;
    if (this.#program.isWhisper && isLong && isShort) {
      const text = 'times are whole numbers under the names of Whisper: they are read as milliseconds';
      this.#warn(findingAt('W_TRANSCRIPT_READ', { file: this.#file, line: this.line }, text));
      return true;
    }
    if (audioSec === null || !isLong || lastTime / MS_PER_SEC > audioSec + SLACK_SEC) return false;
    const text =
      `expected times up to ${formatSec(audioSec)}, where the recording ends, found ${lastTime}; ` +
      'if these are milliseconds, name the columns begin_ms and end_ms';
    throw this.#malformed(text, this.line);
  }

  /** Whether rows are so long on average that they cannot be seconds of speech. */
  #isSlow(): boolean {
    const all = [...this.#tiers.values()].flatMap(({ entries }) => entries);
    const sum = all.reduce((sum, { startSec, endSec }) => sum + (endSec ?? startSec) - startSec, 0);
    return sum >= SLOW_SEC * all.length;
  }

  #toTier(
    rows: TierRows,
    shared: ReadonlySet<string>,
    span: { readonly startSec: number; readonly endSec: number },
  ): Tier {
    const name = nameOf(rows, shared);
    const { entries } = rows;
    if (this.#program.isPraat && entries.every(({ startSec, endSec }) => startSec === endSec)) {
      const points = entries.map(({ startSec, text }) => ({ timeSec: startSec, text }));
      return { kind: 'point', name, ...span, points };
    }
    // Each entry has its end by now.
    return { kind: 'interval', name, ...span, intervals: entries as Interval[] };
  }

  #malformed(text: string, line: number): TaskError {
    return new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file: this.#file, line } });
  }
}

/** Names of tiers that are there for several speakers. */
function findShared(tiers: readonly TierRows[]): ReadonlySet<string> {
  const speakers = new Map<string, string>();
  const shared = new Set<string>();
  for (const { tier, speaker } of tiers) {
    if ((speakers.get(tier) ?? speaker) !== speaker) shared.add(tier);
    speakers.set(tier, speaker);
  }
  return shared;
}

/** The tier, or the speaker; both where one name of a tier is there for several speakers, or says what is in it. */
function nameOf({ tier, speaker }: TierRows, shared: ReadonlySet<string>): string {
  if (tier === '' || speaker === '') return tier + speaker === '' ? TIER : tier + speaker;
  return shared.has(tier) || PART.test(tier) ? `${speaker} - ${tier}` : tier;
}

function toSeconds(entry: Entry): void {
  entry.startSec /= MS_PER_SEC;
  if (entry.endSec !== null) entry.endSec /= MS_PER_SEC;
}

function compare(one: Entry | undefined, other: Entry | undefined): number {
  return (one?.startSec ?? 0) - (other?.startSec ?? 0) || (one?.endSec ?? 0) - (other?.endSec ?? 0);
}

function lastOf(entries: readonly Entry[]): number {
  return entries.reduce((last, { startSec, endSec }) => Math.max(last, endSec ?? startSec), 0);
}
