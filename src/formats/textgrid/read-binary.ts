import type { TaskError } from '../../base/errors.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import type { Tier } from '../tiers.ts';
import type { TextGrid } from './model.ts';
import { toIntervalTier, toPointTier } from './tier.ts';
import { malformed, type PlaceInGrid, shorten } from './tokens.ts';

const SIGNATURE = 'ooBinaryFile';
const CLASS = /^TextGrid(?: \d+)?$/;
/** The smallest size of each item. A count of more items than the file can hold is refused before anything is read. */
const MIN_BYTES = { tier: 24, interval: 18, point: 10 };
const FIX = 'copy the file again; or in Praat, open it and choose "Save as text file..."';

/** Whether a file begins like one of Praat's "Save as binary file...". */
export function isBinaryTextGrid(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(SIGNATURE, 0, 'latin1') === 0;
}

/**
 * Reads a TextGrid in Praat's binary form: numbers are big-endian, and each text follows its length, in Latin-1 or
 * UTF-16. Intervals and points are sorted as in `readTextGrid`.
 * Source: files of Praat; its manual only names the form.
 * @throws TaskError E_TEXTGRID_MALFORMED; its text has the number of the byte, from 1
 */
export function* readBinaryTextGridInPieces(bytes: Uint8Array, file: string): InPieces<TextGrid> {
  const values = new BinaryValues(bytes, file, SIGNATURE.length);
  const className = values.text('the kind of object', 1);
  if (!CLASS.test(className)) throw values.fault('the kind of object "TextGrid"', shorten(className));
  const startSec = values.time('the start time of the TextGrid');
  const endSec = values.time('the end time of the TextGrid');
  const hasTiers = values.byte('the mark that says whether there are tiers') !== 0;
  const tierCount = hasTiers ? values.count('the number of tiers', MIN_BYTES.tier) : 0;
  const tiers: Tier[] = [];
  while (tiers.length < tierCount) tiers.push(yield* readTier(values, tiers.length + 1));
  return { startSec, endSec, tiers };
}

function* readTier(values: BinaryValues, tierNumber: number): InPieces<Tier> {
  values.placeInGrid = () => ({});
  const kind = values.text(`the kind of tier ${tierNumber}`, 1);
  if (kind !== 'IntervalTier' && kind !== 'TextTier') {
    throw values.fault(`"IntervalTier" or "TextTier" as the kind of tier ${tierNumber}`, shorten(kind));
  }
  const name = values.text(`the name of tier ${tierNumber}`, 2);
  values.placeInGrid = () => ({ tier: name });
  const startSec = values.time('the start time of the tier');
  const endSec = values.time('the end time of the tier');
  const tier = { name, startSec, endSec };
  const piece = new Piece();
  if (kind === 'IntervalTier') {
    const count = values.count('the number of intervals', MIN_BYTES.interval);
    const intervals = [];
    values.placeInGrid = () => ({ tier: name, interval: intervals.length + 1, of: count });
    while (intervals.length < count) {
      const times = { startSec: values.time('a start time'), endSec: values.time('an end time') };
      const text = values.text('a label', 2);
      intervals.push({ ...times, text });
      if (piece.add(text)) yield;
    }
    return toIntervalTier(tier, intervals);
  }
  const count = values.count('the number of points', MIN_BYTES.point);
  const points = [];
  values.placeInGrid = () => ({ tier: name, point: points.length + 1, of: count });
  while (points.length < count) {
    const timeSec = values.time('a time');
    const text = values.text('a label', 2);
    points.push({ timeSec, text });
    if (piece.add(text)) yield;
  }
  return toPointTier(tier, points);
}

/** The values in a binary file, one after the other. */
class BinaryValues {
  /** Gives the place in the grid for a fault. */
  placeInGrid: () => PlaceInGrid = () => ({});
  readonly #view: DataView;
  readonly #file: string;
  #position: number;

  constructor(bytes: Uint8Array, file: string, position: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.#position = position;
  }

  byte(what: string): number {
    return this.#view.getUint8(this.#take(1, what));
  }

  time(what: string): number {
    const at = this.#take(8, what);
    const value = this.#view.getFloat64(at);
    if (!Number.isFinite(value)) throw this.fault(`${what} (a number of seconds)`, String(value), at);
    return value;
  }

  /** A count of items. The rest of the file must be long enough for them. */
  count(what: string, minBytes: number): number {
    const at = this.#take(4, what);
    const value = this.#view.getInt32(at);
    if (value >= 0 && value <= (this.#view.byteLength - this.#position) / minBytes) return value;
    throw this.fault(`${what} that fits the length of the file`, String(value), at);
  }

  /**
   * A text: its length in characters, then Latin-1. If all bits of the length are 1, the real length and UTF-16 follow,
   * with a surrogate pair counted as one character.
   * @param lengthBytes - how many bytes the length has
   */
  text(what: string, lengthBytes: 1 | 2): string {
    const length = this.#length(what, lengthBytes);
    const isWide = length === (lengthBytes === 1 ? 0xff : 0xffff);
    const text = isWide ? this.#wide(what, this.#length(what, lengthBytes)) : this.#narrow(what, length);
    if (text.includes('\0')) throw this.fault(what, 'a zero character');
    return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  }

  fault(expected: string, found: string, at = this.#position): TaskError {
    const what = `expected ${expected}, found ${found}, at byte ${at + 1}`;
    return malformed({ file: this.#file }, this.placeInGrid(), what, FIX);
  }

  #length(what: string, lengthBytes: 1 | 2): number {
    const at = this.#take(lengthBytes, what);
    return lengthBytes === 1 ? this.#view.getUint8(at) : this.#view.getUint16(at);
  }

  /** A text in Latin-1. */
  #narrow(what: string, length: number): string {
    const at = this.#take(length, what);
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at, length).toString('latin1');
  }

  /** A text in UTF-16. */
  #wide(what: string, characters: number): string {
    const start = this.#position;
    for (let left = characters; left > 0; left--) {
      const unit = this.#view.getUint16(this.#take(2, what));
      if (unit < 0xd800 || unit > 0xdfff) continue;
      const next = unit < 0xdc00 ? this.#view.getUint16(this.#take(2, what)) : 0;
      if (next < 0xdc00 || next > 0xdfff)
        throw this.fault(`${what} in UTF-16`, `half of a pair (0x${unit.toString(16)})`);
    }
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, this.#position - start);
    return new TextDecoder('utf-16be', { ignoreBOM: true }).decode(bytes);
  }

  /** Moves the position past the next bytes. @returns the offset where they begin */
  #take(byteCount: number, what: string): number {
    const at = this.#position;
    if (byteCount > this.#view.byteLength - at) throw this.fault(what, 'the end of the file');
    this.#position += byteCount;
    return at;
  }
}
