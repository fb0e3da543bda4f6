import type { Band } from './canvas.ts';
import { type Peaks, pairSeconds } from './peaks.ts';
import type { Theme } from './theme.ts';
import type { TimeScale } from './time-scale.ts';

/** More pairs than this for a pixel cost time and show nothing. */
const PAIRS_PER_PIXEL = 2;

/** Draws the waveform as one filled shape between the smallest and the largest samples. */
export function drawWaveform(
  drawing: CanvasRenderingContext2D,
  { top, height }: Band,
  peaks: Peaks,
  scale: TimeScale,
  theme: Theme,
): void {
  const middle = top + height / 2;
  drawing.fillStyle = theme.line;
  drawing.fillRect(0, Math.round(middle), scale.width, 1);
  const found = findLevel(peaks, scale);
  if (found === null) return;
  const { pairs, level } = found;
  const stepSec = pairSeconds(level);
  const first = Math.max(0, Math.floor(scale.from / stepSec) - 1);
  const last = Math.min(pairs.length / 2 - 1, Math.ceil(scale.to / stepSec) + 1);
  const unit = (height / 2 - 4) / Math.max(8, peaks.loudest);
  const xOf = (index: number) => scale.toX((index + 0.5) * stepSec);
  drawing.beginPath();
  for (let index = first; index <= last; index++)
    drawing.lineTo(xOf(index), middle - Math.max(0.5, ((pairs[2 * index + 1] ?? 0) + 1) * unit));
  for (let index = last; index >= first; index--)
    drawing.lineTo(xOf(index), middle - Math.min(-0.5, (pairs[2 * index] ?? 0) * unit));
  drawing.closePath();
  drawing.fillStyle = theme.wave;
  drawing.fill();
}

/** The finest level that is worth it; until it is here, a coarser one. */
function findLevel(peaks: Peaks, scale: TimeScale): { pairs: Int8Array; level: number } | null {
  const pixelSec = (scale.to - scale.from) / scale.width;
  let wanted = 0;
  while (wanted < peaks.levelCount - 1 && pairSeconds(wanted) * PAIRS_PER_PIXEL < pixelSec) wanted += 1;
  for (let level = wanted; level < peaks.levelCount; level++) {
    const pairs = peaks.level(level);
    if (pairs !== undefined) return { pairs, level };
  }
  return null;
}
