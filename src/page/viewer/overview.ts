import { fitCanvas } from './canvas.ts';
import type { Peaks } from './peaks.ts';
import type { Theme } from './theme.ts';
import type { DoubtfulPlace } from './tier.ts';
import { TimeScale } from './time-scale.ts';
import { drawWaveform } from './waveform.ts';

const OVERVIEW_HEIGHT = 40;
const TICKS_HEIGHT = 6;

/** Draws the whole recording: its waveform, ticks where to look, and which part is on the screen below. */
export function drawOverview(
  canvas: HTMLCanvasElement,
  width: number,
  {
    peaks,
    doubtful,
    scale,
    theme,
  }: {
    readonly peaks: Peaks;
    readonly doubtful: readonly DoubtfulPlace[];
    readonly scale: TimeScale;
    readonly theme: Theme;
  },
): void {
  const drawing = fitCanvas(canvas, width, OVERVIEW_HEIGHT);
  const whole = new TimeScale(scale.seconds);
  whole.width = width;
  drawing.fillStyle = theme.ground;
  drawing.fillRect(0, 0, width, OVERVIEW_HEIGHT);
  const band = { top: TICKS_HEIGHT, height: OVERVIEW_HEIGHT - TICKS_HEIGHT };
  drawWaveform(drawing, band, peaks, whole, { ...theme, wave: theme.quiet });
  drawing.fillStyle = theme.doubtful;
  let reached = -1;
  for (const { from } of doubtful) {
    const x = Math.round(whole.toX(from));
    // Thousands of places have room for some hundred ticks.
    if (x - reached < 2) continue;
    reached = x;
    drawing.fillRect(x, 0, 2, TICKS_HEIGHT);
  }
  const left = whole.toX(scale.from);
  const right = Math.max(left + 3, whole.toX(scale.to));
  drawing.fillStyle = theme.selected;
  drawing.fillRect(left, 0, right - left, OVERVIEW_HEIGHT);
  drawing.strokeStyle = theme.accent;
  drawing.lineWidth = 1;
  drawing.strokeRect(
    Math.round(left) + 0.5,
    0.5,
    Math.max(2, Math.round(right - left) - 1),
    OVERVIEW_HEIGHT - 1,
  );
}
