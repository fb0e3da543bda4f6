import { createPowerSpectrum } from './fourier.ts';
import { COLUMN_SAMPLES, RATE_HZ, ROW_HZ, ROWS } from './grid.ts';

/** Samples under the window. Praat calls it 5 ms long, the part that counts. */
const WINDOW_SAMPLES = 0.01 * RATE_HZ;
const FRAME_SAMPLES = 256;
/** Rows are 125 Hz apart, less than half of what the window can tell apart: every second value of the spectrum. */
const BINS_PER_ROW = ROW_HZ / (RATE_HZ / FRAME_SAMPLES);
const RANGE_DB = 50;
const PREEMPHASIS_DB_PER_OCTAVE = 6;
/** 16 shades: a third of the bytes of 256, and no eye tells them apart where shades run into each other. */
const SHADES = 16;
const WHITE = 255;
/** Powers as floats of 32 bits, of which the first 16: no two values of a step are further apart than 0.04 dB. */
const POWER_STEPS = 32_768;

/**
 * Powers of the columns of a recording, one column after the other. The window is centred on the middle of its column.
 * Source: Praat manual, "Sound: To Spectrogram..." (Gaussian window, physical length twice the effective one).
 */
export class SpectrumColumns {
  readonly #spectrum = createPowerSpectrum(FRAME_SAMPLES);
  readonly #window = gaussianWindow();
  readonly #frame = new Float64Array(FRAME_SAMPLES);
  readonly #power = new Float64Array(FRAME_SAMPLES / 2 + 1);
  readonly #every: number;
  /** Samples that a column to come needs. */
  #kept = new Float32Array((WINDOW_SAMPLES - COLUMN_SAMPLES) / 2);
  /** Samples to pass over before the next column. */
  #skip = 0;

  /** @param every - which columns: all with 1, each tenth with 10 */
  constructor(every = 1) {
    this.#every = every;
  }

  /** @returns powers by frequency, from 0 Hz; the next column overwrites them */
  *push(samples: Float32Array): Generator<Float64Array> {
    const all = new Float32Array(this.#kept.length + samples.length);
    all.set(this.#kept);
    all.set(samples, this.#kept.length);
    let at = this.#skip;
    for (; at + WINDOW_SAMPLES <= all.length; at += COLUMN_SAMPLES * this.#every) yield this.#column(all, at);
    const from = Math.min(at, all.length);
    this.#skip = at - from;
    this.#kept = all.slice(from);
  }

  /** The columns that reach beyond the end: nothing follows it. */
  finish(): Generator<Float64Array> {
    return this.push(new Float32Array(WINDOW_SAMPLES));
  }

  #column(samples: Float32Array, start: number): Float64Array {
    const window = this.#window;
    const frame = this.#frame;
    for (let index = 0; index < WINDOW_SAMPLES; index++)
      frame[index] = (samples[start + index] as number) * (window[index] as number);
    this.#spectrum.of(frame, this.#power);
    return this.#power;
  }
}

/** Powers as shades of grey, as Praat draws them: what is loudest is black, what is 50 dB weaker white. */
export class Shades {
  readonly #table: Uint8Array;
  readonly #rowFactor: Float64Array;
  readonly #float = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#float.buffer);

  /** @param loudest - power with pre-emphasis, see `emphasised` */
  constructor(loudest: number) {
    this.#table = shadesOfPowers(loudest);
    this.#rowFactor = Float64Array.from({ length: ROWS }, (_, row) => emphasis(row));
  }

  /**
   * Writes a column of a picture whose first line is the highest row.
   * @param pixels - of the picture, line by line
   */
  write(power: Float64Array, pixels: Uint8Array, column: number, width: number): void {
    for (let row = 0; row < ROWS; row++) {
      this.#float[0] = (power[row * BINS_PER_ROW] as number) * (this.#rowFactor[row] as number);
      pixels[(ROWS - 1 - row) * width + column] = this.#table[(this.#bits[0] as number) >>> 16] as number;
    }
  }
}

/** The largest power of a column in the picture, with pre-emphasis. */
export function loudestOf(power: Float64Array): number {
  let loudest = 0;
  for (let row = 0; row < ROWS; row++)
    loudest = Math.max(loudest, (power[row * BINS_PER_ROW] as number) * emphasis(row));
  return loudest;
}

/** Praat raises each octave above 1000 Hz by 6 dB, and lowers each one below. The lowest row counts as half a row. */
function emphasis(row: number): number {
  const octaves = Math.log2((Math.max(row, 0.5) * ROW_HZ) / 1000);
  return 10 ** ((PREEMPHASIS_DB_PER_OCTAVE * octaves) / 10);
}

function shadesOfPowers(loudest: number): Uint8Array {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  return Uint8Array.from({ length: POWER_STEPS }, (_, step) => {
    bits[0] = (step << 16) | 0x8000;
    const belowDb = 10 * Math.log10(loudest / (float[0] as number));
    const darkness = Math.max(0, Math.min(1, 1 - belowDb / RANGE_DB));
    return (
      WHITE - Math.round((Number.isNaN(darkness) ? 0 : darkness) * (SHADES - 1)) * (WHITE / (SHADES - 1))
    );
  });
}

function gaussianWindow(): Float64Array {
  const edge = Math.exp(-12);
  return Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => {
    const phase = (index - (WINDOW_SAMPLES - 1) / 2) / WINDOW_SAMPLES;
    return (Math.exp(-48 * phase * phase) - edge) / (1 - edge);
  });
}
