import { type FileHandle, open } from 'node:fs/promises';
import { TaskError } from '../base/errors.ts';
import { peakCounts, tileCount } from './grid.ts';

/**
 * The pictures of one recording in one file: a mark, the number of samples, where each tile ends, the peaks of all levels,
 * then the tiles. Numbers are 64-bit floats, little-endian.
 */
const MARK = Buffer.from('AUTOPIC1', 'latin1');
const NUMBER_BYTES = 8;
const TABLE_AT = MARK.length + NUMBER_BYTES;

interface Layout {
  readonly sampleCount: number;
  readonly tiles: number;
  /** By level. */
  readonly peaks: readonly { readonly at: number; readonly bytes: number }[];
  readonly tilesAt: number;
}

function layoutOf(sampleCount: number): Layout {
  const tiles = tileCount(sampleCount);
  let at = TABLE_AT + tiles * NUMBER_BYTES;
  const peaks = peakCounts(sampleCount).map((count) => {
    const level = { at, bytes: 2 * count };
    at += level.bytes;
    return level;
  });
  return { sampleCount, tiles, peaks, tilesAt: at };
}

/** Writes the parts of a file at their places: none of them is kept in memory. */
export class PictureWriter {
  readonly #file: FileHandle;
  readonly #layout: Layout;
  readonly #written: number[];
  readonly #ends: number[] = [];

  constructor(file: FileHandle, sampleCount: number) {
    this.#file = file;
    this.#layout = layoutOf(sampleCount);
    this.#written = this.#layout.peaks.map(() => 0);
  }

  get levelCount(): number {
    return this.#layout.peaks.length;
  }

  /** @param pairs - the next ones of their level; what there is no room for is left out */
  async addPeaks(level: number, pairs: Int8Array): Promise<void> {
    const place = this.#layout.peaks[level];
    const written = this.#written[level];
    if (place === undefined || written === undefined) return;
    const bytes = Buffer.from(pairs.buffer, pairs.byteOffset, Math.min(pairs.length, place.bytes - written));
    await this.#file.write(bytes, 0, bytes.length, place.at + written);
    this.#written[level] = written + bytes.length;
  }

  async addTile(png: Buffer): Promise<void> {
    const at = this.#ends.at(-1) ?? this.#layout.tilesAt;
    await this.#file.write(png, 0, png.length, at);
    this.#ends.push(at + png.length);
  }

  /** Writes the head: a file without it is not complete. */
  async finish(): Promise<void> {
    const head = Buffer.alloc(TABLE_AT + this.#ends.length * NUMBER_BYTES);
    MARK.copy(head);
    head.writeDoubleLE(this.#layout.sampleCount, MARK.length);
    for (const [index, end] of this.#ends.entries()) head.writeDoubleLE(end, TABLE_AT + index * NUMBER_BYTES);
    await this.#file.write(head, 0, head.length, 0);
    await this.#file.sync();
  }
}

/** Reads the peaks of a level, pairs of smallest and largest sample; null: there is no such level. */
export async function readPeaks(path: string, level: number): Promise<Buffer | null> {
  await using file = await open(path, 'r');
  const place = (await readLayout(file)).peaks[level];
  return place === undefined ? null : await readAt(file, place.at, place.bytes);
}

/** Reads a tile of the spectrogram, a PNG file; null: there is no such tile. */
export async function readTile(path: string, tile: number): Promise<Buffer | null> {
  await using file = await open(path, 'r');
  const { tiles, tilesAt } = await readLayout(file);
  if (tile >= tiles) return null;
  const from = tile === 0 ? tilesAt : await readEnd(file, tile - 1);
  const end = await readEnd(file, tile);
  return await readAt(file, from, end - from);
}

async function readLayout(file: FileHandle): Promise<Layout> {
  const head = await readAt(file, 0, TABLE_AT);
  if (!head.subarray(0, MARK.length).equals(MARK)) throw broken();
  return layoutOf(head.readDoubleLE(MARK.length));
}

async function readEnd(file: FileHandle, tile: number): Promise<number> {
  return (await readAt(file, TABLE_AT + tile * NUMBER_BYTES, NUMBER_BYTES)).readDoubleLE(0);
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  if (!(length >= 0 && at >= 0 && at + length <= size)) throw broken();
  const bytes = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, at + filled);
    if (bytesRead === 0) throw broken();
    filled += bytesRead;
  }
  return bytes;
}

function broken(): TaskError {
  return new TaskError(
    'E_IO',
    'the file of pictures is damaged; queue the task again to have it drawn again',
  );
}
