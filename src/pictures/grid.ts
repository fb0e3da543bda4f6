/** The steps of pictures, which the worker that draws and the page that shows agree on. */

/** Audio is drawn at this rate. */
export const RATE_HZ = 16_000;

/** Samples of a pair of peaks on level 0; a pair of each further level covers four of the one before. */
export const PEAK_SAMPLES = 256;
export const LEVEL_FACTOR = 4;

/** Samples from a column of a spectrogram to the next: 7 ms. */
export const COLUMN_SAMPLES = 112;
/** Columns of a tile, which covers 7 s; the last one has fewer. */
export const TILE_COLUMNS = 1_000;
/** Rows of a tile. The middle of the lowest is at 0 Hz, and each is as high as `ROW_HZ`. */
export const ROWS = 40;
export const ROW_HZ = 125;

/** How many pairs of peaks each level has, from level 0 up to the first one that a screen shows whole. */
export function peakCounts(sampleCount: number): number[] {
  const counts = [Math.ceil(sampleCount / PEAK_SAMPLES)];
  for (let count = counts[0] ?? 0; count > TILE_COLUMNS; ) {
    count = Math.ceil(count / LEVEL_FACTOR);
    counts.push(count);
  }
  return counts;
}

export function columnCount(sampleCount: number): number {
  return Math.ceil(sampleCount / COLUMN_SAMPLES);
}

export function tileCount(sampleCount: number): number {
  return Math.ceil(columnCount(sampleCount) / TILE_COLUMNS);
}
