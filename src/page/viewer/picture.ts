import { drawAxis } from './axis.ts';
import { fitCanvas, sharp } from './canvas.ts';
import type { Layout } from './layout.ts';
import type { Model } from './model.ts';
import type { Peaks } from './peaks.ts';
import { drawSpectrogram } from './spectrogram.ts';
import type { Theme } from './theme.ts';
import { drawSelectedInterval, drawTier, type LabelWidths } from './tier-bands.ts';
import type { Tiles } from './tiles.ts';
import { formatTime } from './time-scale.ts';
import { drawWaveform } from './waveform.ts';

export interface Sources {
  readonly peaks: Peaks;
  readonly tiles: Tiles;
  readonly widths: LabelWidths;
}

/** Draws everything that depends on time scale and labels. */
export function drawPicture(
  canvas: HTMLCanvasElement,
  model: Model,
  layout: Layout,
  { peaks, tiles, widths }: Sources,
  theme: Theme,
): void {
  const { scale, tiers, isIpa } = model;
  const drawing = fitCanvas(canvas, scale.width, layout.height);
  drawing.fillStyle = theme.ground;
  drawing.fillRect(0, 0, scale.width, layout.height);
  drawSpectrogram(drawing, layout.spectrogram, tiles, scale, theme);
  drawWaveformBand(drawing, model, layout, peaks, theme);
  drawDoubtful(drawing, model, layout, theme);
  for (const [index, tier] of tiers.entries()) {
    const band = layout.tiers[index];
    if (band !== undefined) drawTier(drawing, band, tier, scale, theme, { isIpa, widths });
  }
  drawAxis(drawing, layout.axis, scale, theme);
}

/** Draws everything that depends on the mouse, the selection and the audio, over the picture. */
export function drawOverlay(canvas: HTMLCanvasElement, model: Model, layout: Layout, theme: Theme): void {
  const { scale, selection, hoverSec, playingSec } = model;
  const drawing = fitCanvas(canvas, scale.width, layout.height);
  drawing.clearRect(0, 0, scale.width, layout.height);
  const from = scale.toX(selection.from);
  const to = scale.toX(selection.to);
  if (to > from) {
    drawing.fillStyle = theme.selected;
    drawing.fillRect(from, layout.axis.height, to - from, layout.height);
  }
  drawing.fillStyle = theme.accent;
  for (const x of to > from ? [from, to] : [from])
    drawing.fillRect(Math.round(x), layout.axis.height, 1, layout.height);
  const band = selection.tier === null ? undefined : layout.tiers[selection.tier];
  if (band !== undefined && to > from) drawSelectedInterval(drawing, band, from, to, theme);
  if (hoverSec !== null) drawHover(drawing, model, layout, hoverSec, theme);
  if (playingSec !== null) {
    drawing.fillStyle = theme.doubtful;
    drawing.fillRect(sharp(scale.toX(playingSec)) - 1, layout.axis.height, 2, layout.height);
  }
}

function drawWaveformBand(
  drawing: CanvasRenderingContext2D,
  { scale }: Model,
  { waveform }: Layout,
  peaks: Peaks,
  theme: Theme,
): void {
  drawing.fillStyle = theme.line;
  drawing.fillRect(0, waveform.top, scale.width, 1);
  drawWaveform(drawing, waveform, peaks, scale, theme);
  drawing.fillStyle = theme.line;
  drawing.fillRect(0, waveform.top + waveform.height, scale.width, 1);
}

/** A thin stripe at the top of the waveform over each place to look at. */
function drawDoubtful(
  drawing: CanvasRenderingContext2D,
  { scale, doubtful }: Model,
  { waveform }: Layout,
  theme: Theme,
): void {
  drawing.fillStyle = theme.doubtful;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { from, to } of doubtful) {
    if (from > scale.to) break;
    if (to < scale.from) continue;
    const left = Math.max(reached, scale.toX(from));
    const right = Math.max(left + 2, scale.toX(to));
    drawing.fillRect(left, waveform.top, right - left, 3);
    reached = right;
  }
}

function drawHover(
  drawing: CanvasRenderingContext2D,
  { scale }: Model,
  { axis, height }: Layout,
  sec: number,
  theme: Theme,
): void {
  const x = Math.round(scale.toX(sec));
  drawing.fillStyle = theme.quiet;
  drawing.fillRect(x, axis.height, 1, height);
  const text = formatTime(sec, 3);
  drawing.font = `11px ${theme.font}`;
  drawing.textBaseline = 'middle';
  const width = drawing.measureText(text).width + 8;
  const left = Math.min(Math.max(0, x - width / 2), scale.width - width);
  drawing.fillStyle = theme.text;
  drawing.fillRect(left, 3, width, axis.height - 6);
  drawing.fillStyle = theme.ground;
  drawing.textAlign = 'left';
  drawing.fillText(text, left + 4, axis.height / 2);
}
