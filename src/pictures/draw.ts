import { open, rename, rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAX_CHANNELS } from '../base/channels.ts';
import { GROUP_READABLE } from '../base/file-mode.ts';
import { expectedCount } from '../formats/resample.ts';
import { readWavHeader } from '../formats/wav-header.ts';
import { readMonoBlocks, type WavSource } from '../formats/wav-pcm.ts';
import { columnCount, RATE_HZ, ROWS, TILE_COLUMNS } from './grid.ts';
import { Peaks } from './peaks.ts';
import { PictureWriter } from './picture-file.ts';
import { encodeGreyPng } from './png.ts';
import { loudestOf, Shades, SpectrumColumns } from './spectrogram.ts';

/** Every n-th column tells how loud the recording is. */
const LOUDNESS_EVERY = 16;
/** Clicks are louder than speech: this share of the columns may be black all over. */
const CLICK_SHARE = 0.005;
/** Loudness is counted in steps of 1/10 octave of power: memory does not grow with the length. */
const STEPS_PER_OCTAVE = 10;
/** Some milliseconds of work. */
const SAMPLES_AT_ONCE = 16_384;

/**
 * Draws the waveform and the spectrogram of a recording into one file, see picture-file.ts. Equal audio gives equal bytes.
 * The file appears complete or not at all. Memory does not grow with the length.
 * @param wavPath - 16-bit PCM in any number of channels up to MAX_CHANNELS, which are averaged
 * @throws TaskError for audio that cannot be read; system errors; the reason of the signal when aborted
 */
export async function drawPictures(wavPath: string, picturePath: string, signal: AbortSignal): Promise<void> {
  const source = await openSource(wavPath);
  const sampleCount = expectedCount(source.info.frameCount, source.info.sampleRateHz, RATE_HZ);
  const shades = new Shades(await findLoudest(source, signal));
  const partPath = `${picturePath}.part`;
  try {
    await using file = await open(partPath, 'w', GROUP_READABLE);
    const writer = new PictureWriter(file, sampleCount);
    const peaks = new Peaks(writer.levelCount, (level, pairs) => writer.addPeaks(level, pairs));
    const tiles = new Tiles(shades, columnCount(sampleCount), (png) => writer.addTile(png));
    const columns = new SpectrumColumns();
    for await (const samples of readPieces(source, signal)) {
      await peaks.push(samples);
      await tiles.add(columns.push(samples));
    }
    await peaks.finish();
    await tiles.add(columns.finish());
    await writer.finish();
    await rename(partPath, picturePath);
  } catch (error) {
    await rm(partPath, { force: true });
    throw error;
  }
}

async function openSource(path: string): Promise<WavSource> {
  await using file = await open(path, 'r');
  return { path, info: await readWavHeader(file, 'audio', MAX_CHANNELS) };
}

/** What black stands for in the whole recording: Praat takes the loudest of what is on the screen. */
async function findLoudest(source: WavSource, signal: AbortSignal): Promise<number> {
  const columns = new SpectrumColumns(LOUDNESS_EVERY);
  const counts = new Map<number, number>();
  let total = 0;
  const count = (power: Float64Array) => {
    const step = Math.ceil(Math.log2(Math.max(1, loudestOf(power))) * STEPS_PER_OCTAVE);
    counts.set(step, (counts.get(step) ?? 0) + 1);
    total += 1;
  };
  for await (const samples of readPieces(source, signal))
    for (const power of columns.push(samples)) count(power);
  for (const power of columns.finish()) count(power);
  let louder = 0;
  for (const step of [...counts.keys()].sort((a, b) => b - a)) {
    louder += counts.get(step) ?? 0;
    if (louder > total * CLICK_SHARE) return 2 ** (step / STEPS_PER_OCTAVE);
  }
  return 1;
}

/** In between, other work of the process gets its turn. */
async function* readPieces(source: WavSource, signal: AbortSignal): AsyncGenerator<Float32Array> {
  for await (const block of readMonoBlocks(source, { targetRateHz: RATE_HZ, signal })) {
    for (let from = 0; from < block.length; from += SAMPLES_AT_ONCE) {
      yield block.subarray(from, from + SAMPLES_AT_ONCE);
      await nextTurn();
    }
  }
}

/** Puts columns together to tiles. */
class Tiles {
  readonly #shades: Shades;
  readonly #give: (png: Buffer) => Promise<void>;
  #columnsLeft: number;
  #pixels = new Uint8Array(0);
  #width = 0;
  #filled = 0;

  constructor(shades: Shades, columns: number, give: (png: Buffer) => Promise<void>) {
    this.#shades = shades;
    this.#columnsLeft = columns;
    this.#give = give;
  }

  /** Columns beyond the last one are left out. */
  async add(columns: Iterable<Float64Array>): Promise<void> {
    for (const power of columns) {
      if (this.#columnsLeft === 0) return;
      if (this.#filled === 0) {
        this.#width = Math.min(TILE_COLUMNS, this.#columnsLeft);
        this.#pixels = new Uint8Array(this.#width * ROWS);
      }
      this.#shades.write(power, this.#pixels, this.#filled, this.#width);
      this.#filled += 1;
      this.#columnsLeft -= 1;
      if (this.#filled === this.#width) {
        await this.#give(await encodeGreyPng(this.#pixels, this.#width, ROWS));
        this.#filled = 0;
      }
    }
  }
}
