import type { Band } from './canvas.ts';
import type { Theme } from './theme.ts';
import { LOWEST_HZ, secondsOf, TILE_HZ, TILE_SEC, type Tiles } from './tiles.ts';
import type { TimeScale } from './time-scale.ts';

/** With a longer time on the screen, sounds are thinner than pixels. */
const LONGEST_SEC = 120;

/** Draws the tiles on the screen, and requests one on each side. */
export function drawSpectrogram(
  drawing: CanvasRenderingContext2D,
  { top, height }: Band,
  tiles: Tiles,
  scale: TimeScale,
  theme: Theme,
): void {
  if (scale.to - scale.from > LONGEST_SEC) {
    drawing.fillStyle = theme.quiet;
    drawing.font = `13px ${theme.font}`;
    drawing.textAlign = 'center';
    drawing.textBaseline = 'middle';
    drawing.fillText('Zoom in to see the spectrogram', scale.width / 2, top + height / 2);
    return;
  }
  const first = Math.floor(scale.from / TILE_SEC);
  const last = Math.floor(scale.to / TILE_SEC);
  const shift = (LOWEST_HZ / TILE_HZ) * height;
  drawing.save();
  drawing.beginPath();
  drawing.rect(0, top, scale.width, height);
  drawing.clip();
  drawing.imageSmoothingEnabled = true;
  for (let index = first; index <= last; index++) {
    const tile = tiles.tile(index);
    if (tile === undefined) continue;
    const from = scale.toX(index * TILE_SEC);
    const to = scale.toX(index * TILE_SEC + secondsOf(tile));
    drawing.drawImage(tile, from, top - shift, to - from, height);
  }
  drawing.restore();
  tiles.tile(first - 1);
  tiles.tile(last + 1);
}
