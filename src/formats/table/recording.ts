import { TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { formatSec, type Interval, type TextLine, type Tier } from '../tiers.ts';
import type { TableOptions, Transcript } from '../transcript.ts';
import type { Columns } from './columns.ts';
import type { SpokenRow } from './spoken-rows.ts';

/** The name of the tier if a table has no tiers and speakers. It is the same in all recordings, as for plain text. */
const TIER = 'speaker';
/** Names that aligners give to the tiers of a speaker. */
const PART = /^(?:words?|phones?)$/;
const MS_PER_SEC = 1000;
/** The last time may be this much after the end of the recording. */
const SLACK_SEC = 0.1;
/** Whisper works in windows of this length, so its last row may end after the audio. */
const WINDOW_SEC = 30;
/** Rows with speech are shorter than this on average. */
const SLOW_SEC = 60;

/** An interval. Without an end, it lasts until the next one starts. */
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

/** The rows of a table about one recording. */
export class RecordingTable {
  readonly recording: string;
  /** The first line with its name. */
  readonly line: number;
  readonly #file: string;
  readonly #program: Pick<Columns, 'isPraat' | 'isWhisper'>;
  readonly #warn: TableOptions['warn'];
  readonly #tiers = new Map<string, TierRows>();
  #last: TierRows | null = null;
  readonly #lines: TextLine[] = [];
  #isWhole = true;
  #isUntimed = false;
  /** The word of the last phone, to find out whether the next phone belongs to the same word. */
  #lastWord = '';
  readonly #besideTiers = new Set<string>();

  /** @param program - the program that wrote the table */
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
   * Makes the transcript of the recording. Its tiers are in the order of the table, their intervals in time order.
   * @throws TaskError E_TRANSCRIPT_MALFORMED when the unit of times, or the order of texts without times, is not clear
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
    // Most rows have the same speaker and tier as the row before.
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
        'add the columns begin and end, or remove the column of speakers';
      throw this.#malformed(text, this.line);
    }
    const [one] = this.#tiers.values();
    const span = { startSec: 0, endSec };
    const text = this.#lines.map((line) => line.text).join('\n');
    const intervals = [{ ...span, text, lines: this.#lines }];
    const name = one === undefined ? TIER : nameOf(one, new Set());
    return { ...span, tiers: [{ kind: 'interval', name, ...span, intervals }] };
  }

  /** Sorts the rows of each tier. A row without an end lasts until the next row of the recording. */
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

  /** Whether times without a unit are milliseconds. @throws TaskError E_TRANSCRIPT_MALFORMED when this is not clear */
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
    // All entries have ends now.
    return { kind: 'interval', name, ...span, intervals: entries as Interval[] };
  }

  #malformed(text: string, line: number): TaskError {
    return new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file: this.#file, line } });
  }
}

/** Names of tiers that several speakers have. */
function findShared(tiers: readonly TierRows[]): ReadonlySet<string> {
  const speakers = new Map<string, string>();
  const shared = new Set<string>();
  for (const { tier, speaker } of tiers) {
    if ((speakers.get(tier) ?? speaker) !== speaker) shared.add(tier);
    speakers.set(tier, speaker);
  }
  return shared;
}

/** The name of a tier: of the tier or the speaker; of both if several speakers have this tier, or its name only tells its content. */
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
