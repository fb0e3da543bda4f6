import type { Band } from './canvas.ts';
import { type Peaks, pairSeconds } from './peaks.ts';
import type { Theme } from './theme.ts';
import type { TimeScale } from './time-scale.ts';

/** With more pairs for each pixel, drawing takes longer and shows nothing more. */
const PAIRS_PER_PIXEL = 2;

/** Draws the waveform between the smallest and the largest samples. */
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
  const unit = (height / 2 - 4) / Math.max(8, peaks.loudest);
  drawing.fillStyle = theme.wave;
  const { pairs, level } = found;
  if (pixelSeconds(scale) > pairSeconds(level)) drawBars(drawing, middle, unit, pairs, level, scale);
  else drawShape(drawing, middle, unit, pairs, level, scale);
}

/** A bar for each pixel: a shape with so many corners would take most of the time of a frame. */
function drawBars(
  drawing: CanvasRenderingContext2D,
  middle: number,
  unit: number,
  pairs: Int8Array,
  level: number,
  scale: TimeScale,
): void {
  const stepSec = pairSeconds(level);
  let next = Math.max(0, Math.floor(scale.from / stepSec));
  for (let x = 0; x < scale.width && 2 * next < pairs.length; x++) {
    const end = Math.min(pairs.length / 2, Math.max(next + 1, Math.floor(scale.toSec(x + 1) / stepSec)));
    let min = 127;
    let max = -128;
    for (; next < end; next++) {
      min = Math.min(min, pairs[2 * next] ?? 0);
      max = Math.max(max, pairs[2 * next + 1] ?? 0);
    }
    const above = Math.max(0.5, (max + 1) * unit);
    drawing.fillRect(x, middle - above, 1, above - Math.min(-0.5, min * unit));
  }
}

/** One filled shape, if pairs are wider than pixels. */
function drawShape(
  drawing: CanvasRenderingContext2D,
  middle: number,
  unit: number,
  pairs: Int8Array,
  level: number,
  scale: TimeScale,
): void {
  const stepSec = pairSeconds(level);
  const first = Math.max(0, Math.floor(scale.from / stepSec) - 1);
  const last = Math.min(pairs.length / 2 - 1, Math.ceil(scale.to / stepSec) + 1);
  const xOf = (index: number) => scale.toX((index + 0.5) * stepSec);
  drawing.beginPath();
  for (let index = first; index <= last; index++)
    drawing.lineTo(xOf(index), middle - Math.max(0.5, ((pairs[2 * index + 1] ?? 0) + 1) * unit));
  for (let index = last; index >= first; index--)
    drawing.lineTo(xOf(index), middle - Math.min(-0.5, (pairs[2 * index] ?? 0) * unit));
  drawing.closePath();
  drawing.fill();
}

function pixelSeconds({ from, to, width }: TimeScale): number {
  return (to - from) / width;
}

/** The finest useful level; until it is loaded, a coarser one. */
function findLevel(peaks: Peaks, scale: TimeScale): { pairs: Int8Array; level: number } | null {
  const pixelSec = pixelSeconds(scale);
  let wanted = 0;
  while (wanted < peaks.levelCount - 1 && pairSeconds(wanted) * PAIRS_PER_PIXEL < pixelSec) wanted += 1;
  for (let level = wanted; level < peaks.levelCount; level++) {
    const pairs = peaks.level(level);
    if (pairs !== undefined) return { pairs, level };
  }
  return null;
}
